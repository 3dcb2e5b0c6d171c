/** DATABASE_URL: which forms of it can be used, and what it names without its password. */
import { userInfo } from 'node:os';
import pg from 'pg';
import { codeOf, reasonOf } from '../process/start-error.js';

const EXAMPLE = 'postgres://user:password@host:5432/database';
const SOCKET_EXAMPLE = 'postgres://user@/database?host=/var/run/postgresql';
const LIBPQ_WORDS = /^\s*(host|hostaddr|user|dbname|port|service)\s*=/;

// As every program of PostgreSQL does where no user is named. A container may have no name for its user.
try {
  pg.defaults.user ||= userInfo().username;
} catch {}

export type DatabaseAddress = Pick<pg.Client, 'host' | 'port' | 'user' | 'database'>;

/** What is wrong with the address, as a message for the operator; undefined where it can be used. */
export function faultOf(url: string): string | undefined {
  if (LIBPQ_WORDS.test(url))
    return `is a list of keywords and has to be a URL such as ${EXAMPLE}, or for a socket ${SOCKET_EXAMPLE}`;
  const [scheme = ''] = url.split(':', 1);
  if (/^jdbc$/i.test(scheme)) return `has to be without "jdbc:", such as ${EXAMPLE}`;
  if (/^postgres(ql)?\+/i.test(scheme))
    return `has to begin with postgres:// and no name of a driver, such as ${EXAMPLE}`;
  if (!/^(postgres|postgresql):\/\//i.test(url)) return `must look like ${EXAMPLE}, or for a socket ${SOCKET_EXAMPLE}`;
  const authority = /^\w+:\/\/([^/?]*)/.exec(url)?.[1] ?? '';
  if (authority.slice(authority.lastIndexOf('@') + 1).includes(','))
    return 'names several hosts: name the one that takes writes';
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

/** By the one parser that everything else goes by. @throws Error where it cannot be read */
export const addressOf = (url: string): DatabaseAddress => new pg.Client({ connectionString: url });
