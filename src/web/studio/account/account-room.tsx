/** TEMPORARY */
import { useTranslation } from 'react-i18next';

export default function AccountRoom() {
  const { t } = useTranslation('account');
  return <h1>{t('title')}</h1>;
}
