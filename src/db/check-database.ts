/** Whether the PostgreSQL that DATABASE_URL names can be used, said in a sentence before anything is built on it. */
import pg from 'pg';
import { StartError } from '../process/start-error.js';
import type { Timings } from '../process/timings.js';
import { whileFull } from './connection-limit.js';
import { addressOf } from './database-url.js';
import { sentenceOf } from './error-messages.js';

/** The oldest that numbers transactions by 64 bits. */
const LEAST_VERSION = 13;

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

/** @throws StartError with the server's own reason and the cure, and without the password */
export async function reachDatabase(url: string, timings: Timings): Promise<void> {
  const { host, port, database, user } = addressOf(url);
  const refuse = (words: string) => new StartError(`DATABASE_URL cannot be used: ${words}`);
  const where = ` (asked ${host}:${port} for the database ${database})`;
  const traits = await whileFull(timings.databaseFullTimeoutMs, () => readTraits(url, timings)).catch((error) => {
    throw refuse(sentenceOf(error, where));
  });
  const fault = faultOf(traits, String(database), String(user));
  if (fault) throw refuse(fault);
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

function faultOf(traits: Traits, database: string, user: string): string | undefined {
  const { version, encoding, isStandby, isReadOnly, schema, searchPath } = traits;
  if (version < LEAST_VERSION) return `it is PostgreSQL ${version}, and ${LEAST_VERSION} or newer is needed`;
  if (encoding !== 'UTF8')
    return `its encoding is ${encoding} and has to be UTF8: create database ${database} encoding 'UTF8' template template0`;
  if (isStandby) return 'it is a standby, which takes no writes: name the primary';
  if (isReadOnly)
    return `it is read-only for this role: alter role "${user}" set default_transaction_read_only = off, or the same for the database`;
  if (schema === null)
    return `none of the schemas of search_path (${searchPath || 'empty'}) exists: alter role "${user}" set search_path = public, and create schema public if it is missing`;
  return undefined;
}
