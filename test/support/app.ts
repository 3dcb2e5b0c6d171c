/** The real app on a database of its own, drawing by a simulator that the test holds in its hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type App, startApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { createDatabase, type TestDatabase } from './database.js';

export type TestApp = {
  url: string;
  simulator: Simulator;
  database: TestDatabase;
  /** The settings it was started with: to start another on the same database. */
  env: Record<string, string>;
  close(): Promise<void>;
};

export type TestAppOptions = {
  env?: Record<string, string>;
  simulator?: SimulatorOptions;
};

/** Fast enough to wait for, slow enough to be seen at work. */
const STEP_MS = 5;

export async function startTestApp({ env = {}, simulator: options = {} }: TestAppOptions = {}): Promise<TestApp> {
  const simulator = await startSimulator({ stepMs: STEP_MS, ...options });
  const database = await createDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'comfygraph-app-'));
  const full = {
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    COMFYUI_URL: simulator.url,
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
    ...env,
  };
  const closeRest = async () => {
    await simulator.close();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const app = await startConfigured(full);
    const close = async () => {
      await app.close();
      await closeRest();
    };
    return { url: app.url, simulator, database, env: full, close };
  } catch (error) {
    await closeRest();
    throw error;
  }
}

export const startConfigured = (env: Record<string, string>): Promise<App> => {
  const config = readConfig(env);
  return startApp(config, pino({ level: config.logLevel }));
};
