/** Hashes passwords, with Argon2id, and replaces forgotten ones. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { hash, verify } from '@node-rs/argon2';
import { endSessions } from './sessions/end-sessions.js';

/** In characters. */
export const MAX_PASSWORD_LENGTH = 128;

/** OWASP's minimum: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** One password typed on two keyboards is one password. */
const normalise = (password: string) => password.normalize('NFKC');

export const hashPassword = (password: string): Promise<string> => hash(normalise(password), ARGON2ID);

const hashOfNobody = hashPassword('the password of nobody');

/** Takes as long where there is no such account, so that the time does not tell whether there is one. */
export async function verifyPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  // What is far too long is nobody's, and is not worth the time.
  const isSane = password.length <= MAX_PASSWORD_LENGTH * 2;
  const matches = await verify(passwordHash ?? (await hashOfNobody), normalise(isSane ? password : ''));
  return matches && isSane && passwordHash !== undefined;
}

/** In a transaction: for somebody else, who does not know the old one. @returns the ids of the sessions that this ended */
export async function replacePassword(em: SqlEntityManager, userId: string, passwordHash: string): Promise<string[]> {
  await em.execute('update users set password_hash = ? where id = ? and deleted_at is null', [passwordHash, userId]);
  return await endSessions(em, userId);
}
