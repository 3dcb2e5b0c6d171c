/**
 * A DATA_DIR from a backup: the start repairs what copies lose, and reports in one sentence what it cannot repair.
 *
 * @slow: starts servers.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../src/process/start-error.js';
import { signUp } from '../support/client.js';
import { Processes, postgresOf } from '../support/process.js';
import { signIn } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

const POSIX = process.platform === 'win32' ? test.skip : test; // where files have no modes
const asRoot = process.getuid?.() === 0 ? test : test.skip; // without being root

const dataOf = (dataDir: string) => join(dataDir, 'postgres', 'data');
const modeOf = (path: string) => statSync(path).mode & 0o777;
const all = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true });

async function starts(dataDir: string): Promise<void> {
  const server = await processes.startServerHere({ env: { DATA_DIR: dataDir } });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
}

async function refusal(dataDir: string): Promise<string> {
  const error = await processes.startServerHere({ env: { DATA_DIR: dataDir } }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(StartError);
  expect(postgresOf({ dataDir })).toBeUndefined();
  return (error as StartError).message;
}

POSIX.each([
  ['with all permissions for everyone', 'a+rwX'],
  ['without write permissions', 'a=rX'],
  ['with folders that cannot be entered', 'a=r'],
])('a restored DATA_DIR %s has its modes repaired', async (_, mode) => {
  const dataDir = await processes.newPreparedDataDir();
  writeFileSync(join(dataDir, 'jwt-secret'), 'x'.repeat(64));
  const pictures = join(dataDir, 'pictures');
  const owner = join(pictures, randomUUID());
  for (const folder of [owner, join(pictures, '.temporary')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(owner, 'a.png'), 'a picture');
  for (const name of readdirSync(dataDir)) execFileSync('chmod', ['-R', mode, join(dataDir, name)]);
  await starts(dataDir);
  expect(modeOf(join(dataDir, 'postgres'))).toBe(0o700);
  for (const name of ['jwt-secret', 'postgres/password', 'postgres/postgres.log'])
    expect(modeOf(join(dataDir, name))).toBe(0o600);
  for (const folder of [pictures, owner, join(pictures, '.temporary')]) expect(modeOf(folder) & 0o700).toBe(0o700);
  expect(modeOf(join(owner, 'a.png')) & 0o600).toBe(0o600);
  for (const entry of all(dataOf(dataDir))) {
    if (entry.isFile() || entry.isDirectory())
      expect(modeOf(join(entry.parentPath, entry.name))).toBe(entry.isDirectory() ? 0o700 : 0o600);
  }
});

asRoot.each([
  ['everything', ''],
  ['a part of it', 'data/base'],
])('root that restored %s as its own gives it to the user that runs PostgreSQL', async (_, part) => {
  const dataDir = await processes.newPreparedDataDir();
  execFileSync('chown', ['-R', '0:0', join(dataDir, 'postgres', part)]);
  await starts(dataDir);
  const { uid } = statSync(dataOf(dataDir));
  expect(uid).not.toBe(0);
  expect(all(dataOf(dataDir)).map((entry) => statSync(join(entry.parentPath, entry.name)).uid)).not.toContain(0);
});

test('empty folders that the copy omitted are created again', async () => {
  const dataDir = await processes.newPreparedDataDir();
  const empty = removeEmpty(dataOf(dataDir));
  expect(empty).toBeGreaterThan(10);
  await starts(dataDir);
});

/** Also removes folders that become empty. @returns how many */
function removeEmpty(folder: string): number {
  let removed = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removed += removeEmpty(join(folder, entry.name));
  if (readdirSync(folder).length > 0) return removed;
  rmdirSync(folder);
  return removed + 1;
}

test('a copy of a stopped server, without modes, owners and empty folders, has the account and works', async () => {
  const first = await processes.startServerHere();
  const alice = await signUp(first.url);
  await first.close();
  const dataDir = await processes.newDataDir();
  cpSync(first.dataDir, dataDir, { recursive: true });
  removeEmpty(dataOf(dataDir));
  const restored = await processes.startServerHere({ env: { DATA_DIR: dataDir } });
  expect(await signIn(restored.url, alice)).toBe(true);
});

test('a database of another major version of PostgreSQL is refused with both versions and the remedy', async () => {
  const dataDir = await processes.newPreparedDataDir();
  const version = join(dataOf(dataDir), 'PG_VERSION');
  const ours = readFileSync(version, 'utf8').trim();
  writeFileSync(version, '17\n');
  expect(await refusal(dataDir)).toBe(
    `The database in ${dataOf(dataDir)} was created by PostgreSQL 17, and this version of ComfyGraph includes PostgreSQL ${ours}: start the version of ComfyGraph that created it, or run your own PostgreSQL 17 on that folder and set DATABASE_URL`,
  );
});

test.each(['PG_VERSION', 'global/pg_control', 'pg_wal', 'postgresql.conf'])(
  'a database without %s is refused as incomplete, and no new one is created',
  async (name) => {
    const dataDir = await processes.newPreparedDataDir();
    rmSync(join(dataOf(dataDir), name), { recursive: true });
    expect(await refusal(dataDir)).toBe(
      `The database in ${dataOf(dataDir)} is incomplete (${name} missing): restore all of DATA_DIR from a backup that was made while the server was stopped`,
    );
  },
);

test('a database without its password is refused, and no new password is created', async () => {
  const dataDir = await processes.newPreparedDataDir();
  const password = join(dataDir, 'postgres', 'password');
  rmSync(password);
  expect(await refusal(dataDir)).toBe(
    `The password of the database in ${join(dataDir, 'postgres')} is missing: restore ${password} from the same backup`,
  );
  expect(existsSync(password)).toBe(false);
});

asRoot(
  'a DATA_DIR whose database root keeps in another folder works after it was moved, and is refused without that folder',
  async () => {
    const dataDir = await processes.newPreparedDataDir();
    const elsewhere = join(await processes.newFolder(), 'elsewhere');
    renameSync(join(dataDir, 'postgres'), elsewhere);
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres', 'kept-elsewhere'), elsewhere);
    const server = await processes.startServerHere({ env: { DATA_DIR: dataDir } });
    expect(existsSync(join(elsewhere, 'data', 'postmaster.pid'))).toBe(true);
    await server.close();

    rmSync(elsewhere, { recursive: true });
    expect(await refusal(dataDir)).toMatch(/was kept in .*, which is not there: restore that folder, too/);
    expect(existsSync(dataOf(dataDir))).toBe(false);
  },
);
