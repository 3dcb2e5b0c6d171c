/**
 * Finds or starts the PostgreSQL process of a data folder. Two processes would destroy the folder; postmaster.pid prevents that, so the file
 * is removed only if it certainly names the process of another program.
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

/** After a crash PostgreSQL first replays its write-ahead log. */
const RESPONSE_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 2_000;
const POLL_INTERVAL_MS = 50;
/** Remaining processes of a killed PostgreSQL prevent the next start; they end within moments. */
const START_ATTEMPTS = 4;
const START_RETRY_MS = 1_000;
/** A file without a number is being written, or was left by a power cut. */
const EMPTY_FILE_TIMEOUT_MS = 500;

const WRONG_PASSWORD = '28P01';
const OWNER_ONLY = 0o600;
const LOG_LINES = 20;
const IS_WINDOWS = process.platform === 'win32';

const run = promisify(execFile);

type UrlOf = (port: number) => string;

/** @returns the port of the running PostgreSQL, or undefined. @throws StartError if it does not respond */
export async function findPostmaster(home: PostgresHome, urlOf: UrlOf): Promise<number | undefined> {
  const deadline = performance.now() + RESPONSE_TIMEOUT_MS;
  for (;;) {
    const found = await readPidFile(home);
    if (!found || !isAlive(found.pid)) return undefined;
    if (!(await isOurs(found.pid, home))) {
      await rm(pidFileOf(home), { force: true });
      return undefined;
    }
    if (found.port && (await responds(urlOf(found.port), found.pid))) return found.port;
    if (performance.now() > deadline)
      throw new StartError(`The embedded PostgreSQL (process ${found.pid}) does not respond. Its log: ${home.log}`);
    await setTimeout(POLL_INTERVAL_MS);
  }
}

/** Starts PostgreSQL, or finds the one that another process starts meanwhile. @throws StartError with PostgreSQL's reason */
export async function startPostmaster(home: PostgresHome, urlOf: UrlOf, port?: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const fault = await launch(home, port ?? (await freePort()));
    const deadline = performance.now() + RESPONSE_TIMEOUT_MS;
    while (fault.text === undefined && performance.now() < deadline) {
      const found = await readPidFile(home);
      if (found?.port && isAlive(found.pid) && (await responds(urlOf(found.port), found.pid))) return found.port;
      await setTimeout(POLL_INTERVAL_MS);
    }
    const other = await findPostmaster(home, urlOf);
    if (other) return other;
    if (attempt === START_ATTEMPTS)
      throw new StartError(
        `The embedded PostgreSQL did not start: ${await reasonIn(home.log, fault.text)}. Its log: ${home.log}`,
      );
    await setTimeout(START_RETRY_MS);
  }
}

/** Lets PostgreSQL finish its writes. Does nothing if none runs. @throws Error if it does not stop in time */
export async function stopPostmaster(home: PostgresHome): Promise<void> {
  const found = await readPidFile(home);
  if (!found || !isAlive(found.pid)) return;
  // -W: pg_ctl would wait until the folder has no PostgreSQL, and so also for the end of one that starts at once.
  await run(join(home.bin, 'pg_ctl'), ['stop', '-D', home.data, '-m', 'fast', '-W'], {
    ...home.runAs,
    cwd: home.folder,
  });
  const deadline = performance.now() + RESPONSE_TIMEOUT_MS;
  while (isAlive(found.pid)) {
    if (performance.now() > deadline) throw new Error(`PostgreSQL (process ${found.pid}) does not stop`);
    await setTimeout(POLL_INTERVAL_MS);
  }
}

type Fault = { text?: string };

/** Detached, so that Ctrl+C does not stop it. */
async function launch(home: PostgresHome, port: number): Promise<Fault> {
  const settings = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const log = await open(home.log, 'a', OWNER_ONLY);
  const common = { ...home.runAs, cwd: home.folder, detached: true, windowsHide: true };
  // On Windows an administrator can start PostgreSQL only with pg_ctl, which drops the privileges first, and exits at once.
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
    if (code !== 0 || !IS_WINDOWS) fault.text ??= `it exited with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  await log.close();
  return fault;
}

const pidFileOf = (home: PostgresHome): string => join(home.data, 'postmaster.pid');

type PidFile = { pid: number; port: number | undefined };

async function readPidFile(home: PostgresHome): Promise<PidFile | undefined> {
  const deadline = performance.now() + EMPTY_FILE_TIMEOUT_MS;
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
    await setTimeout(POLL_INTERVAL_MS);
  }
}

/** Whether a live process is the PostgreSQL of this folder; another program may have got the same pid. */
async function isOurs(pid: number, home: PostgresHome): Promise<boolean> {
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(codeOf);
    // In a container root may lack the capability to read it.
    if (folder !== 'EACCES' && folder !== 'EPERM') return folder === (await realpath(home.data));
  }
  return await nameOf(pid).then(
    (name) => name.includes('postgres'),
    // An unknown process counts as PostgreSQL, which is the safe side.
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

/** Whether the process with this pid responds at the URL. @throws StartError if it rejects the password */
async function responds(url: string, pid: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid");
    return rows[0].pid === pid;
  } catch (error) {
    if (codeOf(error) === WRONG_PASSWORD)
      throw new StartError('The embedded PostgreSQL rejects the password stored beside it');
    // It is probably still starting.
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

/** PostgreSQL's reason, from the end of its log. */
async function reasonIn(log: string, otherwise = 'it did not respond in time'): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_LINES);
  return lines.findLast((line) => /FATAL|PANIC|error while loading/.test(line)) ?? otherwise;
}
