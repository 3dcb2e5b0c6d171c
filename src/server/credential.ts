/** From what a request carries to who is asking. The same over every door. */
import type { Tokens, Verdict } from '../accounts/tokens.js';

/** Nobody, somebody, or a credential that does not count. */
export type Credential = Verdict | 'none';

/** @param authorization the value of the header, or of `connectionParams.authorization` */
export function judgeCredential(authorization: unknown, tokens: Tokens): Credential {
  if (authorization == null || authorization === '') return 'none';
  const token = typeof authorization === 'string' ? /^bearer +(\S+)$/i.exec(authorization.trim())?.[1] : undefined;
  return token === undefined ? { rejected: 'invalid' } : tokens.verify(token);
}

export const isRejected = (credential: Credential): credential is { rejected: 'expired' | 'invalid' } =>
  credential !== 'none' && 'rejected' in credential;

export const viewerOf = (credential: Credential) =>
  credential !== 'none' && 'viewer' in credential ? credential.viewer : undefined;
