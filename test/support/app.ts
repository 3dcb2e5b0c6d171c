/** The real app with its own database and simulators that the test controls. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/process/logger.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { createDatabase, type TestDatabase } from './database.js';
import { freePort } from './free-port.js';
import { LIFTED } from './lifted.js';
import type { Log } from './log.js';
import { type TestTimings, toTimings } from './timings.js';

export type TestApp = {
  url: string;
  /** The first simulator. */
  simulator: Simulator;
  /** In the order of COMFYUI_URL; their names are comfyui-1 and so on. */
  simulators: Simulator[];
  database: TestDatabase;
  /** The settings of the app. */
  env: Record<string, string>;
  /** Starts another app on the same database, with changed settings. */
  startAnother(env?: Record<string, string>): Promise<App>;
  close(): Promise<void>;
};

export type TestAppOptions = {
  env?: Record<string, string>;
  /** One entry per simulator; one by default. */
  simulator?: SimulatorOptions | SimulatorOptions[];
  /** Replaces standard output. */
  log?: Log;
  /** Timings that differ from production. */
  timings?: TestTimings;
};

/** Set as ADMIN_EMAIL, so that the first account of a test is no admin. */
export const ADMIN_EMAIL = 'admin@example.com';

/** Fast enough to wait for, slow enough to observe. Previews of 512 pixels would cost more than everything else. */
const QUICK: SimulatorOptions = { stepMs: 5, previewSize: 64 };

export async function startTestApp({
  env = {},
  simulator: options = {},
  log,
  timings,
}: TestAppOptions = {}): Promise<TestApp> {
  const simulators = await Promise.all(
    [options].flat().map(async (each) => startSimulator({ ...QUICK, port: await freePort(), ...each })),
  );
  const [simulator] = simulators;
  if (!simulator) throw new Error('A test app needs a simulator');
  const database = await createDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'comfygraph-app-'));
  const full = {
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    COMFYUI_URL: simulators.map(({ url }) => url).join(),
    ADMIN_EMAIL,
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
    ...LIFTED,
    ...env,
  };
  const closeRest = async () => {
    await Promise.all(simulators.map((each) => each.close()));
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const app = await startConfigured(full, { log, timings });
    const close = async () => {
      await app.close();
      await closeRest();
    };
    const startAnother = (changed = {}) => startConfigured({ ...full, ...changed }, { log, timings });
    return { url: app.url, simulator, simulators, database, env: full, startAnother, close };
  } catch (error) {
    await closeRest();
    throw error;
  }
}

export const startConfigured = (
  env: Record<string, string>,
  { log, timings }: { log?: Log | undefined; timings?: TestTimings | undefined } = {},
): Promise<App> => {
  const config = readConfig(env);
  return startApp(config, createLogger(config.logLevel, log), toTimings(timings));
};
