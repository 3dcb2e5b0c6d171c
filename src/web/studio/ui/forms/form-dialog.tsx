/** A dialog that asks for something and sends it. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button';
import { Dialog } from '../dialog';
import css from '../dialog.module.css';

type FormDialogProps = {
  title: string;
  description?: string;
  /** The button that sends. */
  action: string;
  isDisabled: boolean;
  onSend(given: FormData): void;
  onClose(): void;
  children: ReactNode;
};

export function FormDialog({ title, description, action, isDisabled, onSend, onClose, children }: FormDialogProps) {
  const { t } = useTranslation();
  const form = useId();
  const [isChanged, setIsChanged] = useState(false);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSend(new FormData(event.currentTarget));
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      description={description}
      holds={isChanged ? 'work' : undefined}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" form={form} look="primary" disabled={isDisabled}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} className={css.fields} onSubmit={send} onInput={() => setIsChanged(true)}>
        {children}
      </form>
    </Dialog>
  );
}
