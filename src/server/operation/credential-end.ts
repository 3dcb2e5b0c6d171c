/** Tells what goes on under a credential when that is good no longer. */
import { type Credential, isRejected } from '../../accounts/authenticate.js';
import type { Revocations } from '../../accounts/sessions/revocations.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

export type EndOfCredential = 'expired' | 'revoked';

/** Calls `end` at its expiry, or once it has been taken back. The answer forgets it. */
export function onceCredentialEnds(
  credential: Credential,
  revocations: Revocations,
  end: (why: EndOfCredential) => void,
): () => void {
  if (credential === 'none' || isRejected(credential)) return () => {};
  const { viewer, expiresAt } = credential;
  const letGo = revocations.hold(viewer, () => end('revoked'));
  const leftMs = expiresAt ? expiresAt.getTime() - Date.now() : MAX_TIMER_MS;
  const expiry = setTimeout(() => end('expired'), Math.min(leftMs, MAX_TIMER_MS)).unref();
  return () => {
    clearTimeout(expiry);
    letGo();
  };
}
