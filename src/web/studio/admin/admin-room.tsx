/** The server, for its admins: its ComfyUIs, their queue, and its users. */
import { useTranslation } from 'react-i18next';
import { useViewer } from '../account/viewer';
import { Page } from '../ui/pages/page';
import { Nothing } from '../ui/pages/rows';
import { Backends } from './backends';
import { Queue } from './queue';
import { Users } from './users/users';

export default function AdminRoom() {
  const { t } = useTranslation('admin');
  const viewer = useViewer();
  return (
    <Page title={t('title')}>
      {viewer?.role === 'ADMIN' && (
        <>
          <Backends />
          <Queue viewerId={viewer.id} />
          <Users viewerId={viewer.id} />
        </>
      )}
      {viewer?.role === 'USER' && <Nothing>{t('onlyAdmins')}</Nothing>}
    </Page>
  );
}
