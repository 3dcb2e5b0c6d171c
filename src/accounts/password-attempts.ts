/** Verifies passwords, and limits how often they can be guessed. */
import { invalidCredentials } from '../graphql/errors.js';
import type { RateLimits } from '../limits/rate-limits.js';
import { verifyPassword } from './passwords.js';

type Attempt = {
  email: string;
  password: string;
  /** The IP address of the client. */
  address: string;
};

/**
 * Counts an attempt before the password is verified, so that simultaneous attempts cannot pass the limit. A correct password is not counted.
 * @param passwordHash undefined for an unknown account
 * @throws INVALID_CREDENTIALS, RATE_LIMITED
 */
export async function requirePassword(
  { email, password, address }: Attempt,
  passwordHash: string | undefined,
  rateLimits: RateLimits,
): Promise<void> {
  // A new password starts a new count: an admin may have set it for a user who had forgotten the old one.
  const account = `${email}\0${passwordHash ?? ''}`;
  const accountAtAddress = `${account}\0${address}`;
  // The address goes first: once it is limited, its further attempts do not count against the account.
  await rateLimits.take('password', accountAtAddress);
  await rateLimits.take('account', account);
  if (!(await verifyPassword(password, passwordHash))) throw invalidCredentials();
  await rateLimits.reset('password', accountAtAddress);
  await rateLimits.giveBack('account', account);
}
