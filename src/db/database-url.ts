/** DATABASE_URL: validates it, and reads its parts without the password. */
import { userInfo } from 'node:os';
import pg from 'pg';
import { codeOf, reasonOf } from '../process/start-error.js';

const EXAMPLE = 'postgres://user:password@host:5432/database';
const SOCKET_EXAMPLE = 'postgres://user@/database?host=/var/run/postgresql';
const LIBPQ_KEYWORDS = /^\s*(host|hostaddr|user|dbname|port|service)\s*=/;

// The default of libpq when no user is named. A container may have no name for its user.
try {
  pg.defaults.user ||= userInfo().username;
} catch {}

type DatabaseAddress = Pick<pg.Client, 'host' | 'port' | 'user' | 'database'>;

/** @returns a message for the operator; undefined if the URL is valid */
export function validateDatabaseUrl(url: string): string | undefined {
  if (LIBPQ_KEYWORDS.test(url))
    return `is a list of keywords; it must be a URL such as ${EXAMPLE}, or for a socket ${SOCKET_EXAMPLE}`;
  const [scheme = ''] = url.split(':', 1);
  if (/^jdbc$/i.test(scheme)) return `must not begin with "jdbc:"; it must look like ${EXAMPLE}`;
  if (/^postgres(ql)?\+/i.test(scheme))
    return `must begin with postgres:// without the name of a driver, such as ${EXAMPLE}`;
  if (!/^(postgres|postgresql):\/\//i.test(url)) return `must look like ${EXAMPLE}, or for a socket ${SOCKET_EXAMPLE}`;
  const authority = /^\w+:\/\/([^/?]*)/.exec(url)?.[1] ?? '';
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(','))
    return 'names several hosts: name the one that accepts writes';
  try {
    const { host, database } = addressOf(url);
    if (!database) return `names no database: it must look like ${EXAMPLE}`;
    return host ? undefined : `names no host: it must look like ${EXAMPLE}`;
  } catch (error) {
    if (codeOf(error) !== 'ERR_INVALID_URL' && !(error instanceof URIError))
      return `names a file that cannot be read (${reasonOf(error)})`;
    return `is not a URL: it must look like ${EXAMPLE}, with special characters of the password encoded (@ as %40, : as %3A, / as %2F, # as %23, ? as %3F, % as %25)`;
  }
}

/** Uses pg's parser, as every connection does. @throws Error if the URL is invalid */
export const addressOf = (url: string): DatabaseAddress => new pg.Client({ connectionString: url });
