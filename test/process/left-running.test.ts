/**
 * kill -9 of a server leaves its PostgreSQL in any state: the next start works all the same.
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

/** PostgreSQL may need some time to notice that the server is gone. */
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

/** Of a server only what its PostgreSQL knows of it. */
async function killAnother(): Promise<number> {
  const server = await processes.spawnServer({ env: { DATA_DIR: dataDir }, args: ['test/support/postgres-alone.js'] });
  await said(server, /it is there/);
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

test('a PostgreSQL that lives on is gone on with, and ends with the next server', async () => {
  const first = await processes.startServerProcess({ env: { DATA_DIR: dataDir } });
  alice = await signUp(first.url);
  const postgres = await kill(first);
  const next = await comesBack();
  expect(postgresOf(next)).toBe(postgres);
  await next.close();
  await isGone(postgres);
  await (await comesBack()).close();
});

test('a PostgreSQL that was killed, too, and left its postmaster.pid, is started again', async () => {
  await killBoth();
  await (await comesBack()).close();
});

test('the number in a stale postmaster.pid may have become that of another program', async () => {
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

test('a postmaster.pid that a power cut left empty is no obstacle', async () => {
  await killBoth();
  writeFileSync(pidFile(), '');
  await (await comesBack()).close();
});

test('a PostgreSQL that is just stopping is waited for, and started again', async () => {
  const postgres = await killAnother();
  process.kill(postgres, 'SIGINT');
  const next = await comesBack();
  expect(postgresOf(next)).not.toBe(postgres);
  await next.close();
});
