/** A button that asks before it acts. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { LucideIcon } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/errors';
import { announce } from '../attention/announce';
import { hasOpener } from '../attention/keep-focus';
import { Button, IconButton } from '../button';
import css from '../dialog.module.css';
import { useLayer } from '../layers/use-layer';
import { ProblemNote } from '../problems/problem-note';
import { useSubmit } from './submit';

type ConfirmButtonProps = {
  label: string;
  icon: LucideIcon;
  /** Shows the icon alone. */
  isIcon?: boolean;
  look?: 'plain' | 'danger' | 'quiet';
  /** Whether the action destroys something. */
  isDanger?: boolean;
  title: string;
  text: ReactNode;
  /** The button that acts; the label if left out. */
  action?: string;
  /** Whether the fields allow the action. */
  isReady?: boolean;
  /** Fields of the dialog. */
  children?: ReactNode;
  /** Words for problems, by their codes. */
  texts?: Partial<Record<string, string>>;
  /** Opens it from elsewhere, such as a menu, in place of a button. Afterwards `opener` has the focus. */
  control?: { isOpen: boolean; onClose(): void; opener(): HTMLElement | null | undefined };
  /** @returns why it failed */
  run(form: FormData): Promise<Problem | undefined>;
};

export function ConfirmButton({
  label,
  icon,
  isIcon = false,
  look = 'plain',
  isDanger = true,
  title,
  text,
  action = label,
  isReady = true,
  children,
  texts = {},
  control,
  run,
}: ConfirmButtonProps) {
  const { t } = useTranslation('shell');
  const [isOpenByButton, setIsOpenByButton] = useState(false);
  const isOpen = control?.isOpen ?? isOpenByButton;
  const setIsOpen = (open: boolean) => {
    if (!control) setIsOpenByButton(open);
    else if (!open) control.onClose();
  };
  // What the dialog asks changes with the action: it keeps its words until it is gone.
  const words = { title, text, action, isDanger };
  const [asked, setAsked] = useState(words);
  const [wasOpen, setWasOpen] = useState(false);
  if (isOpen !== wasOpen) {
    setWasOpen(isOpen);
    if (isOpen) setAsked(words);
  }
  const form = useId();
  const { isBusy, problem, submit, reset } = useSubmit();
  const change = (open: boolean) => {
    setIsOpen(open);
    reset();
  };
  useLayer(isOpen, () => change(false));

  async function act(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    if (!(await submit(() => run(given)))) return;
    setIsOpen(false);
    announce(t('done'));
  }

  return (
    <AlertDialog.Root open={isOpen} onOpenChange={change}>
      {!control && (
        <AlertDialog.Trigger
          render={
            isIcon ? (
              <IconButton icon={icon} label={label} look={look} />
            ) : (
              <Button icon={icon} look={look}>
                {label}
              </Button>
            )
          }
        />
      )}
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={css.backdrop ?? ''} />
        <AlertDialog.Popup
          className={css.popup ?? ''}
          finalFocus={control ? () => control.opener() ?? true : hasOpener}
        >
          <AlertDialog.Title>{asked.title}</AlertDialog.Title>
          <AlertDialog.Description className={css.description ?? ''}>{asked.text}</AlertDialog.Description>
          <form id={form} className={css.fields} onSubmit={act}>
            {children}
            <ProblemNote problem={problem} texts={texts} />
          </form>
          <div className={css.foot}>
            <AlertDialog.Close render={<Button>{t('cancel')}</Button>} />
            <Button
              type="submit"
              form={form}
              look={asked.isDanger ? 'danger' : 'primary'}
              disabled={isBusy || !isReady}
            >
              {asked.action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
