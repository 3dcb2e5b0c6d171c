/** Cancels all that waits or runs, also what the list does not show. */
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useCancelUnfinished } from '../generation/acts/use-cancel-all';
import { ConfirmButton } from '../ui/forms/confirm-button';

export default function CancelAll() {
  const { t } = useTranslation('live');
  const cancel = useCancelUnfinished();
  return (
    <ConfirmButton
      icon={X}
      look="quiet"
      label={t('cancelAll.label')}
      title={t('cancelAll.title')}
      text={t('cancelAll.text')}
      run={cancel}
    />
  );
}
