/** The system under test: servers that share a database and a folder of pictures, and their backends. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppTimings } from '../../src/timings.js';
import { freePort } from '../support/free-port.js';
import { LIFTED } from '../support/lifted.js';
import { type TestTimings, toTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { Backend } from './backend.js';
import { featuresOf } from './backend-features.js';
import { Clocks } from './clocks.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import { pauseBetween, SupervisedProcess } from './supervised-process.js';

const READY_TIMEOUT_MS = 100_000;

export type Cluster = {
  replicas: SupervisedProcess[];
  backends: Backend[];
  clocks: Clocks;
  /** The servers' timings. */
  timings: AppTimings;
  databaseUrl: string;
  /** The servers' DATA_DIR. */
  dataDir: string;
  /** The folder of pictures. */
  pictures: string;
  /** How many responses were INTERNAL_SERVER_ERROR. */
  maskedErrors: number;
  close(): Promise<void>;
};

/** Soon enough that the end of a run sees no file without a row. */
const SWEEPS = { cleanIntervalMs: 2_000, strayFileIntervalMs: 4_000 };

export type ClusterOptions = Pick<ChaosOptions, 'replicas' | 'backends' | 'pause' | 'unlike'>;

/** What differs from production. */
export type ClusterSettings = {
  timings?: TestTimings | undefined;
  /** Of the servers. */
  env?: Record<string, string>;
  /** Of the backends. */
  backendEnv?: Record<string, string>;
};

export async function openCluster(
  options: ClusterOptions,
  random: Random,
  { timings: given, env: extra = {}, backendEnv = {} }: ClusterSettings = {},
): Promise<Cluster> {
  const timings = toTimings({ ...SWEEPS, ...given });
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-chaos-'));
  await chmod(folder, 0o755);
  const clocks = await Clocks.open(folder);
  const backends: Backend[] = [];
  for (let nth = 0; nth < options.backends; nth += 1)
    backends.push(
      new Backend({
        name: `backend-${nth + 1}`,
        port: await freePort(),
        folder,
        random: random.fork(),
        longestPauseMs: options.pause,
        features: featuresOf(nth, options),
        env: backendEnv,
      }),
    );
  const dataDir = join(folder, 'data');
  const env = {
    PORT: '0',
    DATA_DIR: dataDir,
    COMFYUI_URL: backends.map(({ address }) => address).join(),
    JWT_SECRET: randomBytes(48).toString('base64'),
    ACCESS_TOKEN_SECONDS: '86400',
    ...LIFTED,
    ...extra,
    TEST_TIMINGS: JSON.stringify(timings),
  };
  const replicas = Array.from({ length: options.replicas }, (_, index) => {
    const pause = pauseBetween(random.fork(), 0, Math.min(1_500, options.pause));
    const name = `replica-${index + 1}`;
    return new SupervisedProcess({
      name,
      args: ['test/support/serve.js'],
      env: { ...env, ...clocks.environmentOf(name) },
      line: /ready: open (http:\/\/[^/"]+)/,
      pause,
    });
  });
  const processes = [...backends, ...replicas];
  const close = async () => {
    await Promise.all(processes.map((process) => process.close()));
    await clocks.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const process of processes) process.open();
    await until(() => {
      const faults = processes.flatMap((process) => process.faults);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return processes.every(({ url }) => url !== undefined);
    }, 'servers and backends to be ready');
    await clocks.keepTrueTimes();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    replicas,
    backends,
    clocks,
    timings,
    databaseUrl: clocks.database.url,
    dataDir,
    pictures: join(dataDir, 'pictures'),
    maskedErrors: 0,
    close,
  };
}

/** Reserves a backend for one fault, so that no other fault heals it. */
export async function withBackend<T>(
  { backends }: Cluster,
  random: Random,
  use: (backend: Backend) => Promise<T>,
): Promise<T> {
  const choice = random.next();
  const free = await waitForSome(() => backends.filter(({ url, isTaken }) => url !== undefined && !isTaken));
  const backend = free[Math.floor(choice * free.length)] as Backend;
  backend.isTaken = true;
  try {
    return await use(backend);
  } finally {
    backend.isTaken = false;
  }
}

/** Waits until the list has items. @throws Error after READY_TIMEOUT_MS */
export async function waitForSome<T>(look: () => T[]): Promise<T[]> {
  for (let waited = 0; waited < READY_TIMEOUT_MS; waited += 50) {
    const found = look();
    if (found.length > 0) return found;
    await sleep(50);
  }
  throw new Error('No process became ready again');
}
