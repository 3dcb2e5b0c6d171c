/** Hashes passwords, with Argon2id. */
import { hash, verify } from '@node-rs/argon2';

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
