/** Checks a password, and limits how often it can be guessed. */
import { invalidCredentials } from '../graphql/errors.js';
import type { RateLimits } from '../limits/rate-limits.js';
import { verifyPassword } from './passwords.js';

export type Attempt = {
  email: string;
  password: string;
  /** Where the attempt comes from. */
  address: string;
};

/**
 * Attempts are counted before the password is checked, so that simultaneous ones cannot pass the limit; a right one is taken off again.
 * @param passwordHash undefined where there is no such account
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function requirePassword(
  { email, password, address }: Attempt,
  passwordHash: string | undefined,
  rateLimits: RateLimits,
): Promise<void> {
  // A new password, which may have been set for somebody who had forgotten it, is counted anew.
  const account = `${email}\0${passwordHash ?? ''}`;
  const here = `${account}\0${address}`;
  // The address first: once it is refused, its further attempts do not count against the account.
  await rateLimits.take('password', here);
  await rateLimits.take('account', account);
  if (!(await verifyPassword(password, passwordHash))) throw invalidCredentials();
  await rateLimits.reset('password', here);
  await rateLimits.giveBack('account', account);
}
