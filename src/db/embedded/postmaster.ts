/**
 * The PostgreSQL process of one data folder: finds the one that runs, or starts one. Two on one folder would destroy it, and what keeps
 * PostgreSQL from that is its postmaster.pid: the file is removed only where it surely names another program's process.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { codeOf, StartError } from '../../process/start-error.js';
import type { PostgresHome } from './postgres-home.js';

/** After a crash it first redoes what its log has. */
const ANSWER_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 2_000;
const LOOK_EVERY_MS = 50;
/** Processes of a killed PostgreSQL that still live keep the next one from starting; they end within moments. */
const START_ATTEMPTS = 4;
const START_AGAIN_AFTER_MS = 1_000;
/** A file without a number is being written at this moment, or was when the power went. */
const EMPTY_FILE_PATIENCE_MS = 500;

const WRONG_PASSWORD = '28P01';
const OWNER_ONLY = 0o600;
const LOG_LINES = 20;
const IS_WINDOWS = process.platform === 'win32';

const run = promisify(execFile);

export type UrlOf = (port: number) => string;

/** Port of the PostgreSQL that serves this home already; undefined where none does. @throws StartError when it does not answer */
export async function findPostmaster(home: PostgresHome, urlOf: UrlOf): Promise<number | undefined> {
  const deadline = performance.now() + ANSWER_TIMEOUT_MS;
  for (;;) {
    const found = await readPidFile(home);
    if (!found || !isAlive(found.pid)) return undefined;
    if (!(await isOurs(found.pid, home))) {
      await rm(pidFileOf(home), { force: true });
      return undefined;
    }
    if (found.port && (await answers(urlOf(found.port), found.pid))) return found.port;
    if (performance.now() > deadline)
      throw new StartError(`The embedded PostgreSQL (process ${found.pid}) does not answer. Its log: ${home.log}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Starts one, or finds the one that another process starts meanwhile. @throws StartError with PostgreSQL's own reason */
export async function startPostmaster(home: PostgresHome, urlOf: UrlOf, port?: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const fault = await launch(home, port ?? (await freePort()));
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    while (fault.text === undefined && performance.now() < deadline) {
      const found = await readPidFile(home);
      if (found?.port && isAlive(found.pid) && (await answers(urlOf(found.port), found.pid))) return found.port;
      await setTimeout(LOOK_EVERY_MS);
    }
    const other = await findPostmaster(home, urlOf);
    if (other) return other;
    if (attempt === START_ATTEMPTS)
      throw new StartError(
        `The embedded PostgreSQL did not start: ${await reasonIn(home.log, fault.text)}. Its log: ${home.log}`,
      );
    await setTimeout(START_AGAIN_AFTER_MS);
  }
}

/** Lets it finish what is being written. Stopping one that is gone already is nothing. @throws Error when it does not end in time */
export async function stopPostmaster(home: PostgresHome): Promise<void> {
  const found = await readPidFile(home);
  if (!found || !isAlive(found.pid)) return;
  // pg_ctl would wait for the data folder to have no PostgreSQL: also for the end of the next one, if that starts at once.
  await run(join(home.bin, 'pg_ctl'), ['stop', '-D', home.data, '-m', 'fast', '-W'], {
    ...home.runAs,
    cwd: home.folder,
  });
  const deadline = performance.now() + ANSWER_TIMEOUT_MS;
  while (isAlive(found.pid)) {
    if (performance.now() > deadline) throw new Error(`PostgreSQL (process ${found.pid}) does not stop`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

type Fault = { text?: string };

/** Detached, so that Ctrl+C does not reach it. */
async function launch(home: PostgresHome, port: number): Promise<Fault> {
  const settings = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const log = await open(home.log, 'a', OWNER_ONLY);
  const common = { ...home.runAs, cwd: home.folder, detached: true, windowsHide: true };
  // Windows lets an administrator run PostgreSQL only by pg_ctl, which lays down the rights first, and ends at once.
  const child = IS_WINDOWS
    ? spawn(join(home.bin, 'pg_ctl'), ['start', '-W', '-D', home.data, '-l', home.log, '-o', settings.join(' ')], {
        ...common,
        stdio: 'ignore',
      })
    : spawn(join(home.bin, 'postgres'), ['-D', home.data, ...settings], {
        ...common,
        stdio: ['ignore', log.fd, log.fd],
      });
  const fault: Fault = {};
  child.once('error', (error) => {
    fault.text = error.message;
  });
  child.once('exit', (code, signal) => {
    if (code !== 0 || !IS_WINDOWS) fault.text ??= `it ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  await log.close();
  return fault;
}

const pidFileOf = (home: PostgresHome): string => join(home.data, 'postmaster.pid');

type PidFile = { pid: number; port: number | undefined };

async function readPidFile(home: PostgresHome): Promise<PidFile | undefined> {
  const deadline = performance.now() + EMPTY_FILE_PATIENCE_MS;
  for (;;) {
    const text = await readFile(pidFileOf(home), 'utf8').catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    if (text === undefined) return undefined;
    const [pid, , , port] = text.split('\n').map(Number);
    if (pid) return { pid: Math.abs(pid), port: port || undefined };
    if (performance.now() > deadline) {
      await rm(pidFileOf(home), { force: true });
      return undefined;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Whether a living process is this home's PostgreSQL; the number may meanwhile be another program's. */
async function isOurs(pid: number, home: PostgresHome): Promise<boolean> {
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(codeOf);
    // Root without all of its capabilities, as in containers, may not look.
    if (folder !== 'EACCES' && folder !== 'EPERM') return folder === (await realpath(home.data));
  }
  return await nameOf(pid).then(
    (name) => name.includes('postgres'),
    // Where nothing tells, it may be.
    () => true,
  );
}

async function nameOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return await readFile(`/proc/${pid}/comm`, 'utf8');
  const { stdout } = IS_WINDOWS
    ? await run('tasklist', ['/NH', '/FO', 'CSV', '/FI', `PID eq ${pid}`])
    : await run('ps', ['-o', 'comm=', '-p', String(pid)]);
  return stdout;
}

/** Whether what answers there is that very process. @throws StartError when it refuses the password */
async function answers(url: string, pid: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid");
    return rows[0].pid === pid;
  } catch (error) {
    if (codeOf(error) === WRONG_PASSWORD)
      throw new StartError('The embedded PostgreSQL refuses the password that is kept beside it');
    // Mostly because it is still starting: the next look tells.
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Its own words, from the end of its log. */
async function reasonIn(log: string, otherwise = 'it did not answer in time'): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_LINES);
  return lines.findLast((line) => /FATAL|PANIC|error while loading/.test(line)) ?? otherwise;
}
