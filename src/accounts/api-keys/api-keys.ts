/** Generates and verifies API keys. */
import { createHash, randomBytes } from 'node:crypto';
import type { SqlRunner } from '../../db/reads.js';
import type { Role } from '../user.js';

/** Distinguishes a key from a token, and lets secret scanners find it. */
const KEY_MARK = 'cg_';
const SECRET_BYTES = 32;
/** Characters of the key that are shown: enough to tell keys apart, too few to guess the rest. */
const PREFIX_LENGTH = KEY_MARK.length + 6;

export const isApiKey = (credential: string): boolean => credential.startsWith(KEY_MARK);

export function generateApiKey(): { secret: string; prefix: string; secretHash: Buffer } {
  const secret = KEY_MARK + randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), secretHash: digest(secret) };
}

type FoundApiKey = { id: string; userId: string; role: Role; expiresAt: Date | null; isValid: boolean };

/** Undefined for an unknown key. The time of its last use is stored at most once a minute. */
export async function findApiKey(sql: SqlRunner, secret: string): Promise<FoundApiKey | undefined> {
  const hash = digest(secret).toString('hex');
  const [row] = await sql.execute<(Omit<FoundApiKey, 'expiresAt'> & { expiresAt: string | null; isStale: boolean })[]>(
    `select k.id, k.user_id as "userId", u.role, k.expires_at::text as "expiresAt",
       u.disabled_at is null and coalesce(k.expires_at, 'infinity') > now() as "isValid",
       coalesce(k.last_used_at, '-infinity') < now() - interval '1 min' as "isStale"
     from api_keys k join users u on u.id = k.user_id where k.secret_hash = decode(?, 'hex')`,
    [hash],
  );
  if (!row) return undefined;
  if (row.isValid && row.isStale) await sql.execute('update api_keys set last_used_at = now() where id = ?', [row.id]);
  const { isStale: _, expiresAt, ...key } = row;
  return { ...key, expiresAt: expiresAt === null ? null : new Date(expiresAt) };
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
