/** TEMPORARY */
import { useTranslation } from 'react-i18next';

export default function WorkflowsRoom() {
  const { t } = useTranslation('workflows');
  return <h1>{t('title')}</h1>;
}
