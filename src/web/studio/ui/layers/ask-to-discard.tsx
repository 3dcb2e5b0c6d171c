/** Asks before unsaved work is thrown away. */
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useTranslation } from 'react-i18next';
import { Button } from '../button';
import css from '../dialog.module.css';
import { useLayer } from './use-layer';

type AskProps = { isOpen: boolean; onKeep(): void; onDiscard(): void };

export function AskToDiscard({ isOpen, onKeep, onDiscard }: AskProps) {
  const { t } = useTranslation();
  useLayer(isOpen, onKeep);
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onKeep()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop forceRender className={css.backdrop ?? ''} />
        <AlertDialog.Popup className={css.popup ?? ''}>
          <AlertDialog.Title>{t('discard.title')}</AlertDialog.Title>
          <AlertDialog.Description className={css.description ?? ''}>{t('discard.text')}</AlertDialog.Description>
          <div className={css.foot}>
            <AlertDialog.Close render={<Button>{t('discard.keep')}</Button>} />
            <Button look="danger" onClick={onDiscard}>
              {t('discard.action')}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
