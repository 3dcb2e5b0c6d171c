/** What is to be broken: servers that share a database and a folder of pictures, and the backends they work for. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppTimings } from '../../src/timings.js';
import { LIFTED } from '../support/lifted.js';
import { type TestTimings, toTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { Backend, freePort } from './backend.js';
import { Clocks } from './clocks.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import { raritiesOf } from './rarities.js';
import { pauseBetween, Slot } from './slot.js';

const SOMEBODY_PATIENCE_MS = 30_000;

export type World = {
  replicas: Slot[];
  backends: Backend[];
  clocks: Clocks;
  /** Of the servers. */
  timings: AppTimings;
  databaseUrl: string;
  /** Of the pictures. */
  pictures: string;
  /** How often a server answered that something went wrong inside it. */
  maskedErrors: number;
  close(): Promise<void>;
};

/** @param timings of the servers, where they are not those of production */
export async function openWorld(options: ChaosOptions, random: Random, timings?: TestTimings): Promise<World> {
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
        rarities: raritiesOf(nth, options),
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
    ...(timings && { TEST_TIMINGS: JSON.stringify(toTimings(timings)) }),
  };
  const replicas = Array.from({ length: options.replicas }, (_, index) => {
    const pause = pauseBetween(random.fork(), 0, Math.min(1_500, options.pause));
    const name = `replica-${index + 1}`;
    return new Slot({
      name,
      args: [timings ? 'test/support/serve.js' : 'dist/main.js'],
      env: { ...env, ...clocks.environmentOf(name) },
      line: /ready: open (http:\/\/[^/"]+)/,
      pause,
    });
  });
  const slots = [...backends, ...replicas];
  const close = async () => {
    await Promise.all(slots.map((slot) => slot.close()));
    await clocks.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const slot of slots) slot.open();
    await until(() => {
      const faults = slots.flatMap((slot) => slot.faults);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return slots.every(({ url }) => url !== undefined);
    }, 'servers and backends are ready');
    await clocks.keepTrueTimes();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    replicas,
    backends,
    clocks,
    timings: toTimings(timings),
    databaseUrl: clocks.database.url,
    pictures: join(dataDir, 'pictures'),
    maskedErrors: 0,
    close,
  };
}

/** For one fault at a time: what is to go wrong with a backend is not undone by another fault. */
export async function withBackend<T>(
  { backends }: World,
  random: Random,
  use: (backend: Backend) => Promise<T>,
): Promise<T> {
  const choice = random.next();
  const free = await some(() => backends.filter(({ url, isTaken }) => url !== undefined && !isTaken));
  const backend = free[Math.floor(choice * free.length)] as Backend;
  backend.isTaken = true;
  try {
    return await use(backend);
  } finally {
    backend.isTaken = false;
  }
}

/** Waits until there are any. @throws Error when nobody comes up in time */
export async function some<T>(look: () => T[]): Promise<T[]> {
  for (let waited = 0; waited < SOMEBODY_PATIENCE_MS; waited += 50) {
    const found = look();
    if (found.length > 0) return found;
    await sleep(50);
  }
  throw new Error('Nobody came up again');
}
