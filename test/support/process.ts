/** Starts the built server and simulator as processes, and ends everything after a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from '../../src/app.js';
import { startConfigured } from './app.js';
import { copyFolder } from './copy-folder.js';
import { isAlive } from './is-alive.js';
import { LIFTED } from './lifted.js';
import type { Log } from './log.js';
import { type TestTimings, toTimings } from './timings.js';
import { until } from './until.js';

export type Ending = { code: number | null; signal: NodeJS.Signals | null };

export type SpawnOptions = {
  /** The environment, besides PATH and the like. */
  env?: Record<string, string>;
  /** Replaces the Node that runs the tests. */
  program?: string;
  /** For a server: replaces its file. */
  args?: string[];
  /** For a server: timings that differ from production. */
  timings?: TestTimings;
  /** For a server: an empty DATA_DIR, so that it creates its PostgreSQL. By default DATA_DIR contains a prepared one. */
  isFirstStart?: boolean;
  /** The user of the process, if the tests run as root. */
  uid?: number;
  gid?: number;
};

export type AppOptions = Pick<SpawnOptions, 'env' | 'timings' | 'isFirstStart'> & {
  /** Replaces standard output. */
  log?: Log;
};

export type TestProcess = {
  pid: number;
  /** Its output so far, standard output and standard error. */
  readonly logs: string;
  /** Signals the process alone. */
  kill(signal: NodeJS.Signals): void;
  /** Signals its process group, as Ctrl+C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
  /** Closes its outputs, as a pager that has exited does. */
  closeOutput(): void;
  ended: Promise<Ending>;
};

export type SpawnedServer = TestProcess & { dataDir: string };
export type ServerProcess = SpawnedServer & { url: string };
/** A server in the process of the test. */
export type ServerHere = App & { dataDir: string };

const ROOT = resolve(import.meta.dirname, '../..');
const COMMON = { PORT: '0', SIMULATOR_STEP_MS: '5', ...LIFTED };
const SERVER = 'dist/main.js';
/** The server with the timings of a test. */
const TIMED_SERVER = 'test/support/serve.js';
const SIMULATOR = 'dist/simulator/main.js';
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP'];

/** The processes, apps and folders of one test file. Call `end` in `afterEach`. */
export class Processes {
  readonly #processes: ChildProcess[] = [];
  readonly #servers: { dataDir: string; logs?: string }[] = [];
  readonly #apps: App[] = [];
  readonly #folders: string[] = [];

  /** An empty folder that every user may enter: PostgreSQL must not run as root. */
  async newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'comfygraph-process-'));
    await chmod(folder, 0o755);
    this.#folders.push(folder);
    return folder;
  }

  /** Starts a server and waits until it is ready. @throws Error with its output if it exits */
  async startServerProcess(options: SpawnOptions = {}): Promise<ServerProcess> {
    const server = await this.spawnServer(options);
    return Object.assign(server, { url: await readyAt(server) });
  }

  /** Starts a server without waiting. Without DATA_DIR it gets a new one. */
  async spawnServer({ env = {}, args, timings, isFirstStart, ...options }: SpawnOptions = {}): Promise<SpawnedServer> {
    const dataDir = await this.#dataDirFor(env, isFirstStart);
    const child = this.spawn(args ?? [timings ? TIMED_SERVER : SERVER], {
      env: {
        ...COMMON,
        ...(timings && { TEST_TIMINGS: JSON.stringify(toTimings(timings)) }),
        ...env,
        DATA_DIR: dataDir,
      },
      ...options,
    });
    const server = Object.assign(child, { dataDir });
    this.#servers.push(server);
    return server;
  }

  /** Starts a server in this process, which is much cheaper. */
  async startServerHere({ env = {}, timings, log, isFirstStart }: AppOptions = {}): Promise<ServerHere> {
    const dataDir = await this.#dataDirFor(env, isFirstStart);
    this.#servers.push({ dataDir });
    const full = { ...COMMON, LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal', ...env, DATA_DIR: dataDir };
    const app = await startConfigured(full, { log, timings });
    this.#apps.push(app);
    return Object.assign(app, { dataDir });
  }

  async #dataDirFor({ DATA_DIR, DATABASE_URL }: Record<string, string>, isFirstStart = false): Promise<string> {
    if (DATA_DIR) return DATA_DIR;
    return DATABASE_URL || isFirstStart ? await this.newDataDir() : await this.newPreparedDataDir();
  }

  /** A DATA_DIR for a first start. */
  async newDataDir(): Promise<string> {
    return join(await this.newFolder(), 'data');
  }

  /** A DATA_DIR with a prepared PostgreSQL: creating one takes seconds. */
  async newPreparedDataDir(): Promise<string> {
    const dataDir = await this.newDataDir();
    await copyFolder(String(process.env.TEST_PREPARED_DATA_DIR), dataDir);
    return dataDir;
  }

  async startSimulatorProcess({ env = {}, ...options }: SpawnOptions = {}): Promise<TestProcess & { url: string }> {
    const child = this.spawn([SIMULATOR], {
      env: { SIMULATOR_PORT: '0', SIMULATOR_CONTROL: '1', SIMULATOR_STEP_MS: '5', ...env },
      ...options,
    });
    return Object.assign(child, { url: await said(child, /ComfyUI simulator: (http\S+)/) });
  }

  /** Runs a program in the project's folder, in its own process group. */
  spawn(args: string[], { env = {}, program = process.execPath, ...options }: SpawnOptions): TestProcess {
    const passedOn = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    const child = spawn(program, args, {
      cwd: ROOT,
      // Reuses compiled modules.
      env: { ...passedOn, NODE_COMPILE_CACHE: process.env.TEST_COMPILE_CACHE, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    this.#processes.push(child);
    let logs = '';
    for (const output of [child.stdout, child.stderr])
      output.setEncoding('utf8').on('data', (text: string) => {
        logs += text;
      });
    const ended = new Promise<Ending>((settle, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => settle({ code, signal }));
    });
    ended.catch(() => {});
    const pid = child.pid ?? 0;
    return {
      pid,
      get logs() {
        return logs;
      },
      kill: (signal) => void child.kill(signal),
      closeOutput: () => {
        for (const output of [child.stdout, child.stderr]) output.destroy();
      },
      killGroup: (signal) => void process.kill(-pid, signal),
      ended,
    };
  }

  /** Kills remaining processes and PostgreSQL, and removes the folders. */
  async end(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
    for (const child of this.#processes.splice(0)) {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH: the whole group has exited.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    for (const server of this.#servers.splice(0)) {
      const pid = postgresOf(server);
      if (pid !== undefined) {
        process.kill(pid, 'SIGQUIT');
        await until(() => !isAlive(pid), 'PostgreSQL ends');
      }
      const folder = postgresFolderOf(server);
      if (!folder.startsWith(server.dataDir)) await rm(folder, { recursive: true, force: true });
    }
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

/** The process id of a server's PostgreSQL; undefined if it does not run. */
export function postgresOf(server: { dataDir: string; logs?: string }): number | undefined {
  const pidFile = join(postgresFolderOf(server), 'data', 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : undefined;
  return pid && isAlive(pid) ? pid : undefined;
}

/** Usually under DATA_DIR; otherwise the server logs its folder. */
export const postgresFolderOf = ({ logs = '', dataDir }: { dataDir: string; logs?: string }): string =>
  /"folder":"([^"]+)"/.exec(logs)?.[1] ?? join(dataDir, 'postgres');

/** Waits until the server is ready. @returns its URL */
export const readyAt = (server: TestProcess): Promise<string> => said(server, /ready: open (http:\/\/[^/"]+)/);

/** Waits for output. @returns the group of the expression, or the match. @throws Error with all output if the process exits first */
export async function said(child: TestProcess, line: RegExp): Promise<string> {
  let ending: Ending | undefined;
  void child.ended.then((its) => {
    ending = its;
  });
  return await until(() => {
    const found = line.exec(child.logs);
    if (found) return found[1] ?? found[0];
    if (ending)
      throw new Error(`The process exited (${JSON.stringify(ending)}) before it printed ${line}:\n${child.logs}`);
  }, `the line ${line}`);
}
