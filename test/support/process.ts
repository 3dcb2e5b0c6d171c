/** Starts the built server and simulator as processes, as their users do, and lets nothing of them outlive a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from '../../src/app.js';
import { startConfigured } from './app.js';
import { copyFolder } from './copy-folder.js';
import { LIFTED } from './lifted.js';
import type { Log } from './log.js';
import { type TestTimings, toTimings } from './timings.js';
import { until } from './until.js';

export type Ending = { code: number | null; signal: NodeJS.Signals | null };

export type SpawnOptions = {
  /** All that it is told besides PATH and the like. */
  env?: Record<string, string>;
  /** What is run in place of the Node that runs the tests. */
  program?: string;
  /** In place of the server's file, where a server is started. */
  args?: string[];
  /** Of a server: what is not as in production. */
  timings?: TestTimings;
  /** Of a server: its DATA_DIR is empty, so that it makes its PostgreSQL. Otherwise it finds one that was prepared. */
  isFirstStart?: boolean;
  /** As whom it runs, where the tests run as root. */
  uid?: number;
  gid?: number;
};

export type AppOptions = Pick<SpawnOptions, 'env' | 'timings' | 'isFirstStart'> & {
  /** Where it logs, in place of standard output. */
  log?: Log;
};

export type TestProcess = {
  pid: number;
  /** What it has written until now, to both of its outputs. */
  readonly logs: string;
  /** To the process alone. */
  kill(signal: NodeJS.Signals): void;
  /** To all of its group, as Ctrl+C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
  /** Reads no more of it, as a pager does that was left. */
  closeOutput(): void;
  ended: Promise<Ending>;
};

export type SpawnedServer = TestProcess & { dataDir: string };
export type ServerProcess = SpawnedServer & { url: string };
/** A server in the process of the test: for what is asked of no process. */
export type ServerHere = App & { dataDir: string };

const ROOT = resolve(import.meta.dirname, '../..');
const COMMON = { PORT: '0', SIMULATOR_STEP_MS: '5', ...LIFTED };
const SERVER = 'dist/main.js';
/** The same with the timings of a test. */
const TIMED_SERVER = 'test/support/serve.js';
const SIMULATOR = 'dist/simulator/main.js';
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP'];

/** What one test file started. Make one, and give `end` to `afterEach`. */
export class Processes {
  readonly #processes: ChildProcess[] = [];
  readonly #servers: { dataDir: string; logs?: string }[] = [];
  readonly #apps: App[] = [];
  readonly #folders: string[] = [];

  /** An empty folder that everybody may enter: PostgreSQL may not run as root. */
  async newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'comfygraph-process-'));
    await chmod(folder, 0o755);
    this.#folders.push(folder);
    return folder;
  }

  /** A server that is ready. @throws Error with its output when it ends instead */
  async startServerProcess(options: SpawnOptions = {}): Promise<ServerProcess> {
    const server = await this.spawnServer(options);
    return Object.assign(server, { url: await readyAt(server) });
  }

  /** A server that may not come to be ready. Without a DATA_DIR it gets a new one. */
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

  /** The same as an app in this process. It costs a fraction of a process. */
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

  /** For a first start. */
  async newDataDir(): Promise<string> {
    return join(await this.newFolder(), 'data');
  }

  /** With a PostgreSQL that was prepared: making one takes seconds. */
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

  /** Runs something in the project's folder, in a process group of its own. */
  spawn(args: string[], { env = {}, program = process.execPath, ...options }: SpawnOptions): TestProcess {
    const passedOn = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    const child = spawn(program, args, {
      cwd: ROOT,
      // What has been compiled once need not be again.
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

  /** Ends whatever still runs, PostgreSQL too, and removes the folders. */
  async end(): Promise<void> {
    await Promise.all(this.#apps.splice(0).map((app) => app.close()));
    for (const child of this.#processes.splice(0)) {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH: all of the group has ended.
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

/** The process id of the PostgreSQL that a server started; undefined when none is alive. */
export function postgresOf(server: { dataDir: string; logs?: string }): number | undefined {
  const pidFile = join(postgresFolderOf(server), 'data', 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : undefined;
  return pid && isAlive(pid) ? pid : undefined;
}

/** Mostly under DATA_DIR; the server says so where it is not. */
export const postgresFolderOf = ({ logs = '', dataDir }: { dataDir: string; logs?: string }): string =>
  /"folder":"([^"]+)"/.exec(logs)?.[1] ?? join(dataDir, 'postgres');

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits until it is ready, and answers its address. */
export const readyAt = (server: TestProcess): Promise<string> => said(server, /ready: open (http:\/\/[^/"]+)/);

/** What it says where the line has a group. @throws Error with all its output when it ends before */
export async function said(child: TestProcess, line: RegExp): Promise<string> {
  let ending: Ending | undefined;
  void child.ended.then((its) => {
    ending = its;
  });
  return await until(() => {
    const found = line.exec(child.logs);
    if (found) return found[1] ?? found[0];
    if (ending) throw new Error(`It ended (${JSON.stringify(ending)}) before it said ${line}:\n${child.logs}`);
  }, `the line ${line}`);
}
