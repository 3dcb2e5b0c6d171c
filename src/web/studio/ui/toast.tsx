/** Short messages that end by themselves, some with Undo. What shows them loads after the first screen. */
import { type ComponentType, useEffect, useSyncExternalStore } from 'react';

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
let ToastList: ComponentType | undefined;
let isLoading = false;
const listeners = new Set<() => void>();

export function say(text: string, message: Message = {}): void {
  if (show) {
    show(text, message);
    return;
  }
  waiting.push({ text, message });
  void load();
}

/** Shows the messages from now on, and those that wait for it. */
export function showToasts(by: Show): () => void {
  show = by;
  for (const { text, message } of waiting.splice(0)) by(text, message);
  return () => {
    show = undefined;
  };
}

async function load(): Promise<void> {
  if (ToastList || isLoading) return;
  isLoading = true;
  try {
    ToastList = (await import('./toasts/toast-list')).default;
    for (const listener of listeners) listener();
  } catch {
    // Nobody sees them: what should follow them follows at once.
    for (const { message } of waiting.splice(0)) message.onClose?.();
  }
  isLoading = false;
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function Toasts() {
  const List = useSyncExternalStore(subscribe, () => ToastList);
  // Before the first message: often that one says that the server does not respond, and then nothing loads.
  useEffect(() => {
    const ending = new AbortController();
    const prepare = () => {
      ending.abort();
      void load();
    };
    for (const type of ['pointerdown', 'keydown']) addEventListener(type, prepare, { signal: ending.signal });
    return () => ending.abort();
  }, []);
  return List && <List />;
}
