/** The real app on a database of its own, drawing by simulators that the test holds in its hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/process/logger.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { createDatabase, type TestDatabase } from './database.js';
import { LIFTED } from './lifted.js';
import type { Log } from './log.js';
import { type TestTimings, toTimings } from './timings.js';

export type TestApp = {
  url: string;
  /** The first one. */
  simulator: Simulator;
  /** In the order of COMFYUI_URL, which calls them comfyui-1 and so on. */
  simulators: Simulator[];
  database: TestDatabase;
  /** The settings it was started with: to start another on the same database. */
  env: Record<string, string>;
  /** Another on the same database, with these settings in place of its own. */
  startAnother(env?: Record<string, string>): Promise<App>;
  close(): Promise<void>;
};

export type TestAppOptions = {
  env?: Record<string, string>;
  /** One for each simulator; one by default. */
  simulator?: SimulatorOptions | SimulatorOptions[];
  /** Where it logs, in place of standard output. */
  log?: Log;
  /** What is not as in production. */
  timings?: TestTimings;
};

/** Named, so that whoever signs up in a test is a user like any other. */
export const ADMIN_EMAIL = 'admin@example.com';

/** Fast enough to wait for, slow enough to be seen at work; previews of 512 pixels would cost more than all the rest. */
const QUICK: SimulatorOptions = { stepMs: 5, previewSize: 64 };

export async function startTestApp({
  env = {},
  simulator: options = {},
  log,
  timings,
}: TestAppOptions = {}): Promise<TestApp> {
  const simulators = await Promise.all([options].flat().map((each) => startSimulator({ ...QUICK, ...each })));
  const [simulator] = simulators;
  if (!simulator) throw new Error('Without a simulator nothing is drawn');
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
    const startAnother = (its = {}) => startConfigured({ ...full, ...its }, { log, timings });
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
