/** Authenticates a credential. HTTP, WebSocket and server-sent events share it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { findApiKey, isApiKey } from './api-keys/api-keys.js';
import type { Tokens } from './sessions/tokens.js';
import type { Role } from './user.js';
import type { Viewer } from './viewer.js';

/**
 * `none` without a credential. A rejected credential is `invalid` where it was never valid, `expired`, or `revoked`. Without `expiresAt` the
 * credential is valid until it is revoked.
 */
export type Credential =
  | 'none'
  | { viewer: Viewer; expiresAt: Date | null }
  | { rejected: 'invalid' | 'expired' | 'revoked' };

/** @param authorization the value of the header, or of `connectionParams.authorization` */
export async function authenticate(authorization: unknown, tokens: Tokens, em: SqlEntityManager): Promise<Credential> {
  if (authorization == null || authorization === '') return 'none';
  const secret = typeof authorization === 'string' ? /^bearer +(\S+)$/i.exec(authorization.trim())?.[1] : undefined;
  if (secret === undefined) return { rejected: 'invalid' };
  return isApiKey(secret) ? await byApiKey(secret, em) : await byToken(secret, tokens, em);
}

async function byApiKey(secret: string, em: SqlEntityManager): Promise<Credential> {
  const key = await findApiKey(em, secret);
  if (!key) return { rejected: 'invalid' };
  if (!key.isValid) return { rejected: key.expiresAt !== null && key.expiresAt <= new Date() ? 'expired' : 'revoked' };
  return { viewer: { id: key.userId, role: key.role, apiKeyId: key.id }, expiresAt: key.expiresAt };
}

async function byToken(token: string, tokens: Tokens, em: SqlEntityManager): Promise<Credential> {
  const claims = tokens.verifyAccess(token);
  if ('rejected' in claims) return claims;
  const { userId, sessionId, expiresAt } = claims;
  const [row] = await em.execute<{ role: Role; isStale: boolean }[]>(
    `select u.role, s.last_used_at < now() - interval '1 min' as "isStale" from sessions s join users u on u.id = s.user_id
     where s.id = ? and u.id = ? and s.expires_at > now() and u.disabled_at is null`,
    [sessionId, userId],
  );
  if (!row) return { rejected: 'revoked' };
  if (row.isStale) await em.execute('update sessions set last_used_at = now() where id = ?', [sessionId]);
  return { viewer: { id: userId, role: row.role, sessionId }, expiresAt };
}

export const isRejected = (credential: Credential): credential is Extract<Credential, { rejected: string }> =>
  credential !== 'none' && 'rejected' in credential;

export const viewerOf = (credential: Credential): Viewer | undefined =>
  credential !== 'none' && 'viewer' in credential ? credential.viewer : undefined;
