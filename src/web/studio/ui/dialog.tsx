/** A modal dialog with a title: focus stays in it; Escape, Back and a press outside close it. It loads when one is opened. */
import { lazy, type ReactNode, Suspense, useState } from 'react';

const DialogPopup = lazy(() => import('./dialog-popup'));

export type DialogProps = {
  isOpen: boolean;
  onClose(): void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end. */
  actions?: ReactNode;
  isWide?: boolean;
  /**
   * What would be lost with the dialog. Something that is shown only once, such as a secret: only a button of `actions` closes it. Unsaved
   * work, such as entered text: a press outside does nothing, and whatever else would close it asks first.
   */
  holds?: 'secret' | 'work' | undefined;
};

export function Dialog(props: DialogProps) {
  const [isNeeded, setIsNeeded] = useState(props.isOpen);
  if (props.isOpen && !isNeeded) setIsNeeded(true);
  return <Suspense>{isNeeded && <DialogPopup {...props} />}</Suspense>;
}
