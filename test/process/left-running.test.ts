/** kill -9 of a server leaves its PostgreSQL in any state: the next start works within seconds all the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signUp } from '../support/client.js';
import { Processes, postgresFolderOf, postgresOf, type ServerProcess } from '../support/process.js';
import { isGone, signIn, stop, type User } from './stories.js';

const processes = new Processes();
/** The one that runs now. Each test kills it, and leaves the next. */
let server: ServerProcess;
let alice: User;
beforeAll(async () => {
  server = await processes.startServerProcess();
  alice = await signUp(server.url);
});
afterAll(() => processes.end());

/** Kills the server alone. @returns the PostgreSQL that it leaves */
async function kill(): Promise<number> {
  const postgres = postgresOf(server);
  if (!postgres) throw new Error('No PostgreSQL runs');
  server.kill('SIGKILL');
  await server.ended;
  return postgres;
}

async function killBoth(): Promise<void> {
  const postgres = await kill();
  process.kill(postgres, 'SIGKILL');
  await isGone(postgres);
}

async function comesBack(): Promise<void> {
  server = await processes.startServerProcess({ env: { DATA_DIR: server.dataDir } });
  expect(await signIn(server.url, alice)).toBe(true);
}

const pidFile = () => join(postgresFolderOf(server), 'data', 'postmaster.pid');

test('a PostgreSQL that lives on is gone on with, and ends with the next server', async () => {
  const postgres = await kill();
  await comesBack();
  expect(postgresOf(server)).toBe(postgres);
  expect(await stop(server)).toBe(0);
  await isGone(postgres);
  await comesBack();
});

test('a PostgreSQL that was killed, too, and left its postmaster.pid, is started again', async () => {
  await killBoth();
  await comesBack();
});

test('the number in a stale postmaster.pid may have become that of another program', async () => {
  await killBoth();
  const lines = [
    process.pid,
    join(postgresFolderOf(server), 'data'),
    1_700_000_000,
    5432,
    '',
    '127.0.0.1',
    '',
    'ready',
  ];
  writeFileSync(pidFile(), `${lines.join('\n')}\n`);
  await comesBack();
});

test('a postmaster.pid that a power cut left empty is no obstacle', async () => {
  await killBoth();
  writeFileSync(pidFile(), '');
  await comesBack();
});

test('a PostgreSQL that is just stopping is waited for, and started again', async () => {
  const postgres = await kill();
  process.kill(postgres, 'SIGINT');
  await comesBack();
  expect(postgresOf(server)).not.toBe(postgres);
});
