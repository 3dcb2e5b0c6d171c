/** Creates databases for tests, in the PostgreSQL that all tests share. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = {
  url: string;
  /** Uses one connection, which the first query opens. */
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
};

/** Creates a migrated database: a copy of the template that the global set-up migrated. A template must have no connections. */
export const createDatabase = (): Promise<TestDatabase> => create('template comfygraph strategy file_copy');

/** Creates a database without tables. */
export const createEmptyDatabase = (): Promise<TestDatabase> => create('');

async function create(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administrate(`create database ${name} ${template}`);
  const url = urlOf(name);
  const pool = new pg.Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  // A test may break its connection; the next statement opens another.
  pool.on('error', () => {});
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []) =>
      (await pool.query<Row>(statement, values)).rows,
    async drop() {
      await pool.end();
      await administrate(`drop database if exists ${name} with (force)`);
    },
  };
}

/** The URL of a database in the shared PostgreSQL. */
export function urlOf(database: string): string {
  const shared = process.env.TEST_DATABASE_URL;
  if (!shared) throw new Error('The global set-up has not started PostgreSQL');
  const url = new URL(shared);
  url.pathname = `/${database}`;
  return url.href;
}

async function administrate(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
