/** A modal dialog with a title: focus stays in it, Escape closes it. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';
import css from './dialog.module.css';

type DialogProps = {
  isOpen: boolean;
  onClose(): void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end. */
  actions?: ReactNode;
  isWide?: boolean;
  /** What has the focus at first; the first button if left out. */
  initialFocus?: ComponentProps<typeof Base.Popup>['initialFocus'];
};

export function Dialog({
  isOpen,
  onClose,
  title,
  description,
  children,
  actions,
  isWide = false,
  initialFocus,
}: DialogProps) {
  const { t } = useTranslation();
  return (
    <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        {/* Also over another dialog, such as the large view of the history. */}
        <Base.Backdrop forceRender className={css.backdrop ?? ''} />
        <Base.Popup className={isWide ? `${css.popup} ${css.wide}` : (css.popup ?? '')} initialFocus={initialFocus}>
          <div className={css.head}>
            <Base.Title>{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label={t('close')} />} />
          </div>
          {description && <Base.Description className={css.description ?? ''}>{description}</Base.Description>}
          {children}
          {actions && <div className={css.foot}>{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
