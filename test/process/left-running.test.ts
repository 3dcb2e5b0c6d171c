/**
 * kill -9 of a server leaves its PostgreSQL in any state; the next start succeeds.
 *
 * @slow: starts servers as processes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signUp } from '../support/client.js';
import {
  Processes,
  postgresFolderOf,
  postgresOf,
  type ServerHere,
  type SpawnedServer,
  said,
} from '../support/process.js';
import { isGone, signIn, type User } from './stories.js';

/** PostgreSQL may need time to notice that the server is gone. */
const PATIENT = { dataDirTimeoutMs: 60_000 };

const processes = new Processes();
let dataDir: string;
let alice: User;
beforeAll(async () => {
  dataDir = await processes.newPreparedDataDir();
});
afterAll(() => processes.end());

/** Kills the server alone. @returns the PostgreSQL that it leaves */
async function kill(server: SpawnedServer): Promise<number> {
  const postgres = postgresOf(server);
  if (!postgres) throw new Error('No PostgreSQL runs');
  server.kill('SIGKILL');
  await server.ended;
  return postgres;
}

/** Kills a process that only holds the PostgreSQL. */
async function killAnother(): Promise<number> {
  const server = await processes.spawnServer({ env: { DATA_DIR: dataDir }, args: ['test/support/postgres-alone.js'] });
  await said(server, /PostgreSQL is running/);
  return await kill(server);
}

async function killBoth(): Promise<void> {
  const postgres = await killAnother();
  process.kill(postgres, 'SIGKILL');
  await isGone(postgres);
}

async function comesBack(): Promise<ServerHere> {
  const server = await processes.startServerHere({ env: { DATA_DIR: dataDir }, timings: PATIENT });
  expect(await signIn(server.url, alice)).toBe(true);
  return server;
}

const pidFile = () => join(postgresFolderOf({ dataDir }), 'data', 'postmaster.pid');

test('a PostgreSQL that keeps running is used by the next server and stopped with it', async () => {
  const first = await processes.startServerProcess({ env: { DATA_DIR: dataDir } });
  alice = await signUp(first.url);
  const postgres = await kill(first);
  const next = await comesBack();
  expect(postgresOf(next)).toBe(postgres);
  await next.close();
  await isGone(postgres);
  await (await comesBack()).close();
});

test('a PostgreSQL that was killed as well and left its postmaster.pid is started again', async () => {
  await killBoth();
  await (await comesBack()).close();
});

test('a stale postmaster.pid with the process id of another program is replaced', async () => {
  await killBoth();
  const lines = [
    process.pid,
    join(postgresFolderOf({ dataDir }), 'data'),
    1_700_000_000,
    5432,
    '',
    '127.0.0.1',
    '',
    'ready',
  ];
  writeFileSync(pidFile(), `${lines.join('\n')}\n`);
  await (await comesBack()).close();
});

test('a postmaster.pid that a power cut left empty is replaced', async () => {
  await killBoth();
  writeFileSync(pidFile(), '');
  await (await comesBack()).close();
});

test('a stopping PostgreSQL is awaited and started again', async () => {
  const postgres = await killAnother();
  process.kill(postgres, 'SIGINT');
  const next = await comesBack();
  expect(postgresOf(next)).not.toBe(postgres);
  await next.close();
});
