/** Notifications of the device, which the user turns on. */
import { useSyncExternalStore } from 'react';

const CHOSEN = 'comfygraph:notify';
const listeners = new Set<() => void>();

export const canNotify = 'Notification' in globalThis && globalThis.isSecureContext;

export const isNotifying = (): boolean =>
  canNotify && localStorage.getItem(CHOSEN) !== null && Notification.permission === 'granted';

const choose = (isOn: boolean) => {
  if (isOn) localStorage.setItem(CHOSEN, 'true');
  else localStorage.removeItem(CHOSEN);
  for (const listener of listeners) listener();
};

export const stopNotifying = (): void => choose(false);

/** Asks for permission. Call it from a click. @param sample shows at once that it works @returns whether it does */
export async function startNotifying(sample: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  if (!notify(sample)) return false;
  choose(true);
  return true;
}

/** @param tag shows it once, however many tabs are open @returns whether the device shows it */
export function notify(title: string, options: NotificationOptions = {}, onClick = () => window.focus()): boolean {
  try {
    new Notification(title, options).onclick = onClick;
    return true;
  } catch {
    // Chrome on Android shows those of service workers alone.
    return false;
  }
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useNotifying = (): boolean => useSyncExternalStore(subscribe, isNotifying);
