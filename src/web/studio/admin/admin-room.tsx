/** The server, for its admins: its ComfyUIs, their queue, and its users. */
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../api/errors';
import { graphql } from '../api/graphql';
import { Page } from '../ui/pages/page';
import { Nothing, RowsWaiting } from '../ui/pages/rows';
import { ProblemNote } from '../ui/problems/problem-note';
import { Backends } from './backends';
import { Queue } from './queue';
import { Users } from './users/users';

/** The frame of the page has read these fields: the room shows its parts at once, also without a network. */
const VIEWER = graphql(`
  query AdminViewer {
    viewer { id role }
  }
`);

export default function AdminRoom() {
  const { t } = useTranslation('admin');
  const [{ data, error }] = useQuery({ query: VIEWER });
  const viewer = data?.viewer;
  return (
    <Page title={t('title')}>
      {!viewer && (error ? <ProblemNote problem={problemOf(error)} /> : <RowsWaiting count={6} />)}
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
