/** Tells screen readers what has happened where only eyes would notice. */
import { useSyncExternalStore } from 'react';

let last = { text: '', count: 0 };
const listeners = new Set<() => void>();

/** Waits for what is being read. */
export function announce(text: string): void {
  last = { text, count: last.count + 1 };
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function Announcements() {
  const { text, count } = useSyncExternalStore(subscribe, () => last);
  return (
    // `aria-live` keeps it audible behind a modal dialog.
    <div className="visually-hidden" role="status" aria-live="polite">
      {/* A new element: the same text is news, too. */}
      <p key={count}>{text}</p>
    </div>
  );
}
