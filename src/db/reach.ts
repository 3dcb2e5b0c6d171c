/** Whether the PostgreSQL that DATABASE_URL names can be used, said in a sentence before anything is built on it. */
import pg from 'pg';
import { reasonOf, StartError } from '../start-error.js';
import type { Timings } from '../timings.js';

/** @throws StartError with the server's own reason, and without the password */
export async function reachDatabase(url: string, { databaseConnectTimeoutMs }: Timings): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: databaseConnectTimeoutMs });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const { host, pathname } = new URL(url);
    throw new StartError(
      `DATABASE_URL cannot be used: ${wordsOf(error)} (asked ${host} for the database ${pathname.slice(1)})`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** A name with several addresses fails with one error for each. */
const wordsOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(reasonOf).join(', ') : reasonOf(error);
