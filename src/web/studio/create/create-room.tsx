/** TEMPORARY */
import { useTranslation } from 'react-i18next';

export default function CreateRoom() {
  const { t } = useTranslation('create');
  return <h1>{t('title')}</h1>;
}
