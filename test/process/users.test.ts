/**
 * The user of the server: root, although PostgreSQL refuses root, and unprivileged users, wherever they may write.
 *
 * @slow: starts servers as processes.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from '../../src/process/start-error.js';
import { signUp } from '../support/client.js';
import { Processes, postgresFolderOf, postgresOf } from '../support/process.js';
import { create, finish, signIn, stop, type User } from './stories.js';

const processes = new Processes();
afterAll(() => processes.end());

const isRoot = process.getuid?.() === 0;
const ordinary = userNamed('nobody');
const project = resolve(import.meta.dirname, '../..');
/** Tests that need root, and tests that run a server as another user. */
const asRoot = isRoot ? test : test.skip; // without being root
const canSwitchUser = isRoot && mayEnter(project) && mayEnter(process.execPath);
const asOtherUser = canSwitchUser ? test : test.skip; // where others may not enter

function userNamed(name: string): { uid: number; gid: number } {
  if (!isRoot) return { uid: -1, gid: -1 };
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([each]) => each === name);
  return { uid: Number(fields?.[2]), gid: Number(fields?.[3]) };
}

function mayEnter(path: string): boolean {
  return spawnSync('test', ['-x', path], { ...ordinary, cwd: '/' }).status === 0;
}

asRoot('as root, in a folder that only root may enter, PostgreSQL gets another folder and is found again', async () => {
  const closed = await processes.newFolder();
  chmodSync(closed, 0o700);
  const first = await processes.startServerProcess({ env: { DATA_DIR: join(closed, 'data') } });
  const folder = postgresFolderOf(first);
  expect(folder.startsWith('/var/lib/comfygraph/')).toBe(true);
  expect(readFileSync(join(first.dataDir, 'postgres', 'kept-elsewhere'), 'utf8')).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const alice = await signUp(first.url);
  expect(await stop(first)).toBe(0);
  // The data stays in place when DATA_DIR becomes accessible.
  chmodSync(closed, 0o755);
  const second = await processes.startServerHere({ env: { DATA_DIR: first.dataDir } });
  expect(await signIn(second.url, alice)).toBe(true);
  await second.close();
});

asRoot('root with umask 077 can run the server', async () => {
  const before = process.umask(0o077);
  try {
    const server = await processes.startServerHere({ isFirstStart: true });
    await server.close();
  } finally {
    process.umask(before);
  }
});

/** The unprivileged user's, for the next test. */
let dataDir: string;
let alice: User;

asOtherUser('an unprivileged user runs the server and its PostgreSQL in its own folder', async () => {
  const own = await processes.newFolder();
  chownSync(own, ordinary.uid, ordinary.gid);
  const server = await processes.startServerProcess({ env: { DATA_DIR: join(own, 'data') }, ...ordinary });
  alice = await signUp(server.url);
  dataDir = server.dataDir;
  const id = await create(server.url, alice);
  expect((await finish(server.url, alice, id)).status).toBe('COMPLETED');
  expect(statSync(join(server.dataDir, 'postgres', 'data')).uid).toBe(ordinary.uid);
  expect(await stop(server)).toBe(0);
  expect(postgresOf(server)).toBeUndefined();
});

asOtherUser('root runs the database of an unprivileged user as that user', async () => {
  const server = await processes.startServerHere({ env: { DATA_DIR: dataDir } });
  expect(await signIn(server.url, alice)).toBe(true);
  await server.close();
});

asOtherUser('a DATA_DIR that is not writable ends the start with one sentence and code 1', async () => {
  const others = await processes.newFolder();
  const server = await processes.spawnServer({ env: { DATA_DIR: join(others, 'data') }, ...ordinary });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.logs.trim()).toBe(
    `DATA_DIR=${server.dataDir} is not writable (EACCES: permission denied, mkdir '${server.dataDir}'): chown it to the user that runs this server, or set another DATA_DIR`,
  );
});

asOtherUser('a DATA_DIR that root has used ends the start of other users with one sentence', async () => {
  const own = await processes.newFolder();
  const dataDir = join(own, 'data');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'jwt-secret'), 'x'.repeat(64), { mode: 0o600 });
  for (const path of [own, dataDir]) chownSync(path, ordinary.uid, ordinary.gid);
  const server = await processes.spawnServer({ env: { DATA_DIR: dataDir }, ...ordinary });
  expect((await server.ended).code).toBe(1);
  expect(server.logs.trim()).toMatch(
    /^A secret cannot be read \(EACCES: .*\): start the server as the user that owns the file$/,
  );
});

test('a DATA_DIR that is a file ends the start with one sentence', async () => {
  const file = join(await processes.newFolder(), 'file');
  writeFileSync(file, '');
  const starting = processes.startServerHere({ env: { DATA_DIR: file } });
  await expect(starting).rejects.toBeInstanceOf(StartError);
  await expect(starting).rejects.toThrow(/^DATA_DIR=.* is not writable \(EEXIST: .*\): chown it to/);
  expect(existsSync(join(file, 'postgres'))).toBe(false);
});
