/** Makes and judges API keys. */
import { createHash, randomBytes } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Role } from '../user.js';

/** Tells a key from a token at a glance, and lets scanners for leaked secrets find it. */
const BEGINNING = 'cg_';
const SECRET_BYTES = 32;
/** Of the whole key: enough to tell one's keys apart, and nothing to guess the rest by. */
const PREFIX_LENGTH = BEGINNING.length + 6;

export const isApiKey = (credential: string): boolean => credential.startsWith(BEGINNING);

export function newApiKey(): { secret: string; prefix: string; secretHash: Buffer } {
  const secret = BEGINNING + randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), secretHash: digest(secret) };
}

export type KnownKey = { id: string; userId: string; role: Role; expiresAt: Date | null; isGood: boolean };

/** Undefined for a key that there is not. That it was used is noted once a minute. */
export async function findApiKey(em: SqlEntityManager, secret: string): Promise<KnownKey | undefined> {
  const hash = digest(secret).toString('hex');
  const [row] = await em.execute<(Omit<KnownKey, 'expiresAt'> & { expiresAt: string | null; isStale: boolean })[]>(
    `select k.id, k.user_id as "userId", u.role, k.expires_at::text as "expiresAt",
       u.disabled_at is null and coalesce(k.expires_at, 'infinity') > now() as "isGood",
       coalesce(k.last_used_at, '-infinity') < now() - interval '1 min' as "isStale"
     from api_keys k join users u on u.id = k.user_id where k.secret_hash = decode(?, 'hex')`,
    [hash],
  );
  if (!row) return undefined;
  if (row.isGood && row.isStale) await em.execute('update api_keys set last_used_at = now() where id = ?', [row.id]);
  const { isStale: _, expiresAt, ...key } = row;
  return { ...key, expiresAt: expiresAt === null ? null : new Date(expiresAt) };
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
