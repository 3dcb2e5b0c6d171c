/** Shows a secret once, after it was created. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { CopyField } from '../../ui/forms/copy-field';

type SecretDialogProps = {
  title: string;
  description: string;
  label: string;
  secret: string;
  hint?: string;
  onClose(): void;
};

export function SecretDialog({ title, description, label, secret, hint, onClose }: SecretDialogProps) {
  const { t } = useTranslation('account');
  return (
    <Dialog
      isOpen
      holds="secret"
      onClose={onClose}
      title={title}
      description={description}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      <CopyField label={label} text={secret} {...(hint && { hint })} />
    </Dialog>
  );
}
