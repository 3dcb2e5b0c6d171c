/**
 * A first start may be interrupted at any moment; the next start succeeds.
 *
 * @slow: starts servers as processes.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../src/process/start-error.js';
import { Processes, postgresFolderOf, postgresOf, type SpawnedServer } from '../support/process.js';
import { until } from '../support/until.js';
import { stop } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

const contents = (server: { dataDir: string }): string[] => {
  try {
    return readdirSync(postgresFolderOf(server));
  } catch {
    return [];
  }
};
const isInitialising = (server: SpawnedServer) => contents(server).some((name) => /^data\.[^.]+$/.test(name));

test('kill -9 while initdb creates the data folder does not prevent the next start, and leaves nothing behind', async () => {
  const first = await processes.spawnServer({ isFirstStart: true });
  await until(() => isInitialising(first), 'initdb works');
  first.killGroup('SIGKILL');
  await first.ended;
  expect(contents(first)).not.toContain('data');

  const second = await processes.startServerHere({ env: { DATA_DIR: first.dataDir } });
  expect(contents(second).sort()).toEqual(['data', 'password', 'postgres.log']);
});

test('an incomplete data folder of an earlier attempt does not prevent a start', async () => {
  const dataDir = await processes.newDataDir();
  mkdirSync(join(dataDir, 'postgres', 'data.new', 'base'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'data.new', 'PG_VERSION'), '18\n');
  const server = await processes.startServerHere({ env: { DATA_DIR: dataDir } });
  expect(contents(server).sort()).toEqual(['data', 'password', 'postgres.log']);
});

test('Ctrl+C during a first start ends it with code 0, without PostgreSQL and without an error', async () => {
  const server = await processes.spawnServer({ isFirstStart: true });
  await until(() => isInitialising(server), 'initdb works');
  server.killGroup('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.logs).not.toMatch(/error/i);
  expect(postgresOf(server)).toBeUndefined();
});

test('SIGTERM to the server alone during a first start ends its child processes', async () => {
  const server = await processes.spawnServer({ isFirstStart: true });
  await until(() => isInitialising(server), 'initdb works');
  expect(await stop(server)).toBe(0);
  expect(postgresOf(server)).toBeUndefined();
});

test('a secret that a power cut left empty prevents the start', async () => {
  const dataDir = await processes.newDataDir();
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'jwt-secret'), '');
  await expect(processes.startServerHere({ env: { DATA_DIR: dataDir } })).rejects.toThrow(
    new StartError(`The secret in ${join(dataDir, 'jwt-secret')} is damaged: it has fewer than 32 characters`),
  );
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
});
