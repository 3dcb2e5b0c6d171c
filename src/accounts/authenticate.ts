/** Authenticates a credential. HTTP, WebSocket and server-sent events share it. */
import type { SqlRunner } from '../db/reads.js';
import { findApiKey, isApiKey } from './api-keys/api-keys.js';
import type { SessionChecks } from './sessions/session-checks.js';
import type { Tokens } from './sessions/tokens.js';
import { Role } from './user.js';
import type { Viewer } from './viewer.js';

/**
 * `none` without a credential. A rejected credential is `invalid` where it was never valid, `expired`, or `revoked`. Without `expiresAt` the
 * credential is valid until it is revoked.
 */
export type Credential =
  | 'none'
  | { viewer: Viewer; expiresAt: Date | null }
  | { rejected: 'invalid' | 'expired' | 'revoked' };

/** A credential whose check has begun. */
export type Presented = {
  /**
   * The caller whom a token names, with the least role until the check has said yes. Reads may begin for it, but return nothing before the
   * check. Undefined where only the check can tell the caller.
   */
  claimed: Viewer | undefined;
  credential: Promise<Credential>;
};

/** What checks credentials. */
type Checks = { reads: SqlRunner; sessionChecks: SessionChecks };

/** Begins to check a credential. @param authorization the value of the header, or of `connectionParams.authorization` */
export function present(authorization: unknown, tokens: Tokens, { reads, sessionChecks }: Checks): Presented {
  if (authorization == null || authorization === '') return settled('none');
  const secret = typeof authorization === 'string' ? /^bearer +(\S+)$/i.exec(authorization.trim())?.[1] : undefined;
  if (secret === undefined) return settled({ rejected: 'invalid' });
  if (isApiKey(secret)) return begun(undefined, byApiKey(secret, reads));
  const claims = tokens.verifyAccess(secret);
  if ('rejected' in claims) return settled(claims);
  const claimed = { id: claims.userId, role: Role.USER, sessionId: claims.sessionId };
  return begun(claimed, bySession(claimed, claims.expiresAt, sessionChecks));
}

export const authenticate = (authorization: unknown, tokens: Tokens, checks: Checks): Promise<Credential> =>
  present(authorization, tokens, checks).credential;

const settled = (credential: Credential): Presented => begun(undefined, Promise.resolve(credential));

function begun(claimed: Viewer | undefined, credential: Promise<Credential>): Presented {
  // An operation that is not executed does not wait for the check.
  credential.catch(() => {});
  return { claimed, credential };
}

async function byApiKey(secret: string, sql: SqlRunner): Promise<Credential> {
  const key = await findApiKey(sql, secret);
  if (!key) return { rejected: 'invalid' };
  if (!key.isValid) return { rejected: key.expiresAt !== null && key.expiresAt <= new Date() ? 'expired' : 'revoked' };
  return { viewer: { id: key.userId, role: key.role, apiKeyId: key.id }, expiresAt: key.expiresAt };
}

/** Gives the claimed viewer its role. */
async function bySession(
  viewer: Viewer & { sessionId: string },
  expiresAt: Date,
  sessionChecks: SessionChecks,
): Promise<Credential> {
  const session = await sessionChecks.find(viewer.sessionId);
  if (session?.userId !== viewer.id) return { rejected: 'revoked' };
  viewer.role = session.role;
  return { viewer, expiresAt };
}

export const isRejected = (credential: Credential): credential is Extract<Credential, { rejected: string }> =>
  credential !== 'none' && 'rejected' in credential;

export const viewerOf = (credential: Credential): Viewer | undefined =>
  credential !== 'none' && 'viewer' in credential ? credential.viewer : undefined;
