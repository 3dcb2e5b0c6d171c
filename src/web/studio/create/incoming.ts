/** Settings and pictures that other rooms bring to the form. */
import { navigate } from 'wouter/use-hash-location';
import { signedIn } from '../api/account';

export type Incoming =
  /** The settings of a generation. */
  | { kind: 'settings'; workflowId: string; parameters: Record<string, unknown> }
  /** An image, video or sound of the viewer, as an input, with the prompt that made it. */
  | { kind: 'file'; id: string; previewUrl: string | null; prompt?: string };

let waiting: Incoming | undefined;
// It is not for the next user.
signedIn.subscribe(() => {
  waiting = undefined;
});
const listeners = new Set<() => void>();

/** Brings it to the form, and opens the form. */
export function bring(incoming: Incoming): void {
  waiting = incoming;
  for (const listener of listeners) listener();
  navigate('/');
}

/** @returns what was brought, once */
export function takeIncoming(): Incoming | undefined {
  const taken = waiting;
  waiting = undefined;
  return taken;
}

/** Calls `listener` when something is brought while the form is shown. */
export function onIncoming(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
