/** Makes generations: the form, and what becomes of them beside it. */
import { useTranslation } from 'react-i18next';
import { LiveList } from '../live/live-list';

export default function CreateRoom() {
  const { t } = useTranslation('create');
  return (
    <>
      <h1>{t('title')}</h1>
      <LiveList />
    </>
  );
}
