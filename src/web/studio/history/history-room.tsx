/** TEMPORARY */
import { useTranslation } from 'react-i18next';

export default function HistoryRoom() {
  const { t } = useTranslation('history');
  return <h1>{t('title')}</h1>;
}
