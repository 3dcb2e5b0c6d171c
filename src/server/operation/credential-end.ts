/** Notifies long-lived connections when their credential expires or is revoked. */
import { type Credential, isRejected } from '../../accounts/authenticate.js';
import type { Revocations } from '../../accounts/sessions/revocations.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

export type CredentialEnd = 'expired' | 'revoked';

/** Calls `notify` when the credential expires or is revoked. @returns a function that stops watching */
export function onCredentialEnd(
  credential: Credential,
  revocations: Revocations,
  notify: (why: CredentialEnd) => void,
): () => void {
  if (credential === 'none' || isRejected(credential)) return () => {};
  const { viewer, expiresAt } = credential;
  const release = revocations.onRevoked(viewer, () => notify('revoked'));
  const leftMs = expiresAt ? expiresAt.getTime() - Date.now() : MAX_TIMER_MS;
  const expiry = setTimeout(() => notify('expired'), Math.min(leftMs, MAX_TIMER_MS)).unref();
  return () => {
    clearTimeout(expiry);
    release();
  };
}

/** What the client receives as the reason. */
export const CREDENTIAL_END_REASONS: Record<CredentialEnd, string> = {
  expired: 'The token has expired',
  revoked: 'The credential was revoked',
};
