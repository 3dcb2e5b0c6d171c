/** Hashes passwords with Argon2id, and replaces forgotten ones. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { hash, verify } from '@node-rs/argon2';
import { query } from '../db/query.js';
import { endSessions } from './sessions/end-sessions.js';

/** In characters. */
export const MAX_PASSWORD_LENGTH = 128;

/** OWASP's minimum: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The same password typed on two keyboards may differ in its Unicode form. */
const normalise = (password: string) => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(normalise(password), ARGON2ID);

const dummyHash = hashPassword('no account has this password');

/** Takes equally long for an unknown account, so that the time does not reveal which accounts exist. */
export async function verifyPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  // A password far above the limit cannot be correct, and hashing it would take long.
  const isPlausible = password.length <= MAX_PASSWORD_LENGTH * 2;
  const matches = await verify(passwordHash ?? (await dummyHash), normalise(isPlausible ? password : ''));
  return matches && isPlausible && passwordHash !== undefined;
}

/** Call it in a transaction. For users who do not know the old password. @returns the ids of the ended sessions */
export async function replacePassword(em: SqlEntityManager, userId: string, passwordHash: string): Promise<string[]> {
  await query(em)
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .execute();
  return await endSessions(em, userId);
}
