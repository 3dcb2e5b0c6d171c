/** The signed-in user's tokens, in this tab and the others. */
import { createMemory } from '../../session/memory';
import { post } from '../../session/post';
import { createSession } from '../../session/session';
import { createTokenStorage } from '../../session/token-storage';
import { API_URL } from './address';

export const tokens = createTokenStorage(sessionStorage, localStorage);
export const memory = createMemory(tokens);
export const session = createSession(memory, (request) => post(API_URL, request, {}));

const listeners = new Set<() => void>();
let wasSignedIn = memory.accessToken !== undefined;

memory.onTokens(() => {
  const isSignedIn = memory.accessToken !== undefined;
  // A refreshed token is no change for the page.
  if (isSignedIn === wasSignedIn) return;
  wasSignedIn = isSignedIn;
  for (const listener of listeners) listener();
});

/** Of one sign-in until the next sign-out: for `useSyncExternalStore`. */
export const signedIn = {
  get: (): boolean => wasSignedIn,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
