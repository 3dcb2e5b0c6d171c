/** A modal dialog with a title: focus stays in it, Escape closes it. It loads when one is opened. */
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
};

export function Dialog(props: DialogProps) {
  const [isNeeded, setIsNeeded] = useState(props.isOpen);
  if (props.isOpen && !isNeeded) setIsNeeded(true);
  return <Suspense>{isNeeded && <DialogPopup {...props} />}</Suspense>;
}
