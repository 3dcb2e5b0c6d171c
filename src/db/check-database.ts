/** Checks at start that ComfyGraph can use the PostgreSQL of DATABASE_URL, and says in one sentence why not. */
import pg from 'pg';
import { StartError } from '../process/start-error.js';
import type { Timings } from '../process/timings.js';
import { retryWhileFull } from './adaptive-pool.js';
import { addressOf } from './database-url.js';
import { describeError } from './describe-error.js';

/** The oldest version with 64-bit transaction ids (xid8). */
const MIN_VERSION = 13;

type Traits = {
  version: number;
  encoding: string;
  isStandby: boolean;
  isReadOnly: boolean;
  schema: string | null;
  searchPath: string;
};
const TRAITS = `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding,
  pg_is_in_recovery() as "isStandby", current_setting('transaction_read_only')::bool as "isReadOnly",
  current_schema() as schema, current_setting('search_path') as "searchPath"`;

/** @throws StartError with PostgreSQL's reason and the remedy, and without the password */
export async function checkDatabase(url: string, timings: Timings): Promise<void> {
  const { host, port, database, user } = addressOf(url);
  const refusal = (reason: string) => new StartError(`DATABASE_URL cannot be used: ${reason}`);
  const where = ` (${host}:${port}, database ${database})`;
  const traits = await retryWhileFull(timings.databaseFullTimeoutMs, () => readTraits(url, timings)).catch((error) => {
    throw refusal(describeError(error, where));
  });
  const fault = findFault(traits, String(database), String(user));
  if (fault) throw refusal(fault);
}

async function readTraits(url: string, { databaseConnectTimeoutMs }: Timings): Promise<Traits> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: databaseConnectTimeoutMs,
    query_timeout: databaseConnectTimeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Traits>(TRAITS);
    return rows[0] as Traits;
  } finally {
    await client.end().catch(() => {});
  }
}

function findFault(traits: Traits, database: string, user: string): string | undefined {
  const { version, encoding, isStandby, isReadOnly, schema, searchPath } = traits;
  if (version < MIN_VERSION) return `PostgreSQL ${version} is too old; ComfyGraph needs ${MIN_VERSION} or newer`;
  if (encoding !== 'UTF8')
    return `its encoding is ${encoding} and must be UTF8: create database ${database} encoding 'UTF8' template template0`;
  if (isStandby) return 'it is a standby and accepts no writes: name the primary';
  if (isReadOnly)
    return `it is read-only for this role: alter role "${user}" set default_transaction_read_only = off, or the same for the database`;
  if (schema === null)
    return `none of the schemas of search_path (${searchPath || 'empty'}) exists: alter role "${user}" set search_path = public, and create schema public if it is missing`;
  return undefined;
}
