/** Short messages that end by themselves, some with Undo. What shows them loads with the first one. */
import { type ComponentType, lazy, Suspense, useSyncExternalStore } from 'react';

export type Message = {
  /** `problem` is announced at once. */
  type?: 'note' | 'problem';
  /** A message takes the place of one with the same id; its text if left out. */
  id?: string;
  /** Takes back what the message is about. */
  undo?: { label: string; keys: string; run(): void };
  /** In milliseconds. */
  timeout?: number;
  /** Called when the message is gone, also after its action. */
  onClose?(): void;
};
type Show = (text: string, message: Message) => void;

const waiting: { text: string; message: Message }[] = [];
let show: Show | undefined;
let isNeeded = false;
const listeners = new Set<() => void>();

export function say(text: string, message: Message = {}): void {
  if (show) {
    show(text, message);
    return;
  }
  waiting.push({ text, message });
  isNeeded = true;
  for (const listener of listeners) listener();
}

/** Shows the messages from now on, and those that wait for it. */
export function showToasts(by: Show): () => void {
  show = by;
  for (const { text, message } of waiting.splice(0)) by(text, message);
  return () => {
    show = undefined;
  };
}

const ToastList = lazy<ComponentType>(() =>
  import('./toasts/toast-list').catch(() => {
    // Nobody sees them: what should follow them follows at once.
    for (const { message } of waiting.splice(0)) message.onClose?.();
    return { default: () => null };
  }),
);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function Toasts() {
  const hasMessages = useSyncExternalStore(subscribe, () => isNeeded);
  return <Suspense>{hasMessages && <ToastList />}</Suspense>;
}
