/** What is to be broken: servers that share a database and a folder of pictures, and the backends they work for. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '../support/database.js';
import { LIFTED } from '../support/lifted.js';
import { type TestTimings, toTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { Backend, freePort } from './backend.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import { pauseBetween, Slot } from './slot.js';

export type World = {
  replicas: Slot[];
  backends: Backend[];
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
  const database = await createDatabase();
  const backends: Backend[] = [];
  for (let nth = 1; nth <= options.backends; nth += 1)
    backends.push(new Backend(`backend-${nth}`, await freePort(), folder, random.fork(), options.pause));
  const dataDir = join(folder, 'data');
  const env = {
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    COMFYUI_URL: backends.map(({ address }) => address).join(),
    JWT_SECRET: randomBytes(48).toString('base64'),
    ACCESS_TOKEN_SECONDS: '86400',
    ...LIFTED,
    ...(timings && { TEST_TIMINGS: JSON.stringify(toTimings(timings)) }),
  };
  const replicas = Array.from({ length: options.replicas }, (_, index) => {
    const pause = pauseBetween(random.fork(), 0, Math.min(1_500, options.pause));
    return new Slot({
      name: `replica-${index + 1}`,
      args: [timings ? 'test/support/serve.js' : 'dist/main.js'],
      env,
      line: /ready: open (http:\/\/[^/"]+)/,
      pause,
    });
  });
  const slots = [...backends, ...replicas];
  const close = async () => {
    await Promise.all(slots.map((slot) => slot.close()));
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const slot of slots) slot.open();
    await until(() => {
      const faults = slots.flatMap((slot) => slot.faults);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return slots.every(({ url }) => url !== undefined);
    }, 'servers and backends are ready');
  } catch (error) {
    await close();
    throw error;
  }
  return { replicas, backends, databaseUrl: database.url, pictures: join(dataDir, 'pictures'), maskedErrors: 0, close };
}
