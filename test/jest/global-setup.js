/** One PostgreSQL for all test files; each app in them has a database of its own in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { startEmbeddedPostgres } from '../../dist/db/embedded-postgres.js';

export default async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-tests-'));
  const postgres = await startEmbeddedPostgres(folder, pino({ level: 'warn' }));
  process.env.TEST_DATABASE_URL = postgres.url;
  globalThis.tearDownPostgres = async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  };
}
