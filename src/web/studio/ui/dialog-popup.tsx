/** The popup of a dialog. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hasOpener } from './attention/keep-focus';
import { IconButton } from './button';
import type { DialogProps } from './dialog';
import css from './dialog.module.css';
import { AskToDiscard } from './layers/ask-to-discard';
import { useLayer } from './layers/use-layer';

export default function DialogPopup({
  isOpen,
  onClose,
  title,
  description,
  children,
  actions,
  isWide = false,
  holds,
}: DialogProps) {
  const { t } = useTranslation();
  const popup = useRef<HTMLDivElement>(null);
  const [isAsking, setIsAsking] = useState(false);
  // A keyboard on the screen would hide what the dialog says.
  const isTouch = matchMedia('(hover: none)').matches;
  /** @returns whether it closes */
  function close(): boolean {
    if (holds === undefined) onClose();
    else setIsAsking(holds === 'work');
    return holds === undefined;
  }
  useLayer(isOpen, close);
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && close()} disablePointerDismissal={holds !== undefined}>
      <Base.Portal>
        {/* Also over another dialog, such as the large view of the history. */}
        <Base.Backdrop forceRender className={css.backdrop ?? ''} />
        <Base.Popup
          ref={popup}
          className={isWide ? `${css.popup} ${css.wide}` : (css.popup ?? '')}
          initialFocus={isTouch ? popup : true}
          finalFocus={hasOpener}
        >
          <Base.Title className={css.title ?? ''}>{title}</Base.Title>
          {description && <Base.Description className={css.description ?? ''}>{description}</Base.Description>}
          {children}
          {actions && <div className={css.foot}>{actions}</div>}
          {/* At the end, so that the content has the focus first. */}
          {holds !== 'secret' && (
            <Base.Close className={css.close} render={<IconButton icon={X} label={t('close')} />} />
          )}
          <AskToDiscard
            isOpen={isAsking}
            onKeep={() => setIsAsking(false)}
            onDiscard={() => {
              setIsAsking(false);
              onClose();
            }}
          />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
