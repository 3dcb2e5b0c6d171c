/** The signed-in user's tokens, in this tab and the others. */
import { createMemory } from '../../session/memory';
import { post } from '../../session/post';
import { createSession } from '../../session/session';
import { createTokenStorage } from '../../session/token-storage';
import { API_URL } from './address';

export const tokens = createTokenStorage(sessionStorage, localStorage);
export const memory = createMemory(tokens);

let hasEnded = false;
export const session = createSession(
  memory,
  (request) => post(API_URL, request, {}),
  () => {
    hasEnded = true;
  },
);

/** Whether the server, and not the user, has ended the last session. */
export const ended = {
  /** Says it once. */
  take(): boolean {
    const was = hasEnded;
    hasEnded = false;
    return was;
  },
};

const listeners = new Set<() => void>();
let userId = userOf(memory.accessToken);

memory.onTokens(() => {
  const now = userOf(memory.accessToken);
  // A refreshed token is no change for the page.
  if (now === userId) return;
  userId = now;
  for (const listener of listeners) listener();
});

/** The id of the signed-in user, for `useSyncExternalStore`. Another tab can sign in as somebody else. */
export const signedIn = {
  get: (): string | undefined => userId,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** @returns the subject of the token, or for a token without one the token itself */
function userOf(token: string | undefined): string | undefined {
  try {
    const claims = token?.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    return (JSON.parse(atob(claims)) as { sub?: string }).sub ?? token;
  } catch {
    return token;
  }
}
