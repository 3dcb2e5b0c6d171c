/**
 * What keeps a server from starting is said in one sentence, with code 1, and leaves nothing running.
 *
 * @slow: starts servers as processes.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { StartError } from '../../src/process/start-error.js';
import { createDatabase, urlOf } from '../support/database.js';
import { Processes, postgresOf } from '../support/process.js';

const processes = new Processes();
afterEach(() => processes.end());

/** The sentence that a process would end with. */
async function refusal(env: Record<string, string>, timings = {}): Promise<string> {
  const error = await processes.startServerHere({ env, timings }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

test('faults of the configuration are named all at once', async () => {
  const env = {
    PORT: 'http',
    JWT_SECRET: 'not long enough',
    DATABASE_URL: 'mysql://localhost/x',
    COMFYUI_URL: 'localhost:8188',
  };
  const server = await processes.spawnServer({ env });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  const [title, ...lines] = server.logs.trim().split('\n');
  expect(title).toBe('The configuration is wrong:');
  expect(lines.map((line) => line.trim().split(':')[0]).sort()).toEqual([
    'COMFYUI_URL',
    'DATABASE_URL',
    'JWT_SECRET',
    'PORT',
  ]);
});

test('a port that is taken is named, and the PostgreSQL that was started for it ends', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const dataDir = await processes.newPreparedDataDir();
    expect(await refusal({ DATA_DIR: dataDir, PORT: String(port) })).toBe(
      `Port ${port} is in use: stop the program that uses it, or choose another port, for example PORT=${port + 1}`,
    );
    expect(existsSync(join(dataDir, 'postgres', 'postgres.log'))).toBe(true);
    expect(postgresOf({ dataDir })).toBeUndefined();
  } finally {
    other.close();
  }
});

test('a DATABASE_URL that cannot be used is refused with its reason, and without its password', async () => {
  const server = await processes.spawnServer({ env: { DATABASE_URL: databaseUrl('/guarded', 'hush') } });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.logs.trim()).toMatch(/^DATABASE_URL cannot be used: .*password authentication failed.*$/);
  expect(server.logs).not.toContain('hush');
});

test('a HOST that is not of this machine is named', async () => {
  const database = await createDatabase();
  const env = { DATABASE_URL: database.url, HOST: '192.0.2.1', PORT: '4123' };
  expect(await refusal(env)).toBe(
    'Cannot listen at HOST=192.0.2.1, PORT=4123: listen EADDRNOTAVAIL: address not available 192.0.2.1:4123',
  );
  await database.drop();
});

test.each([
  [
    'where nothing listens',
    () => 'postgres://me:hush@127.0.0.1:1/mine',
    /ECONNREFUSED 127\.0\.0\.1:1 \(asked 127\.0\.0\.1:1 for the database mine\)/,
  ],
  ['that has no such database', () => databaseUrl('/no_such'), /database "no_such" does not exist/],
  ['that refuses the password', () => databaseUrl('/guarded', 'hush'), /password authentication failed/],
  ['with a name that nobody has', () => 'postgres://me:hush@no-such-host.invalid/mine', /ENOTFOUND|EAI_AGAIN/],
])('a DATABASE_URL %s is refused with its reason, and without its password', async (_, url, reason) => {
  const sentence = await refusal({ DATABASE_URL: url() });
  expect(sentence).toMatch(/^DATABASE_URL cannot be used: .*$/);
  expect(sentence).toMatch(reason);
  expect(sentence).not.toContain('hush');
});

function databaseUrl(pathname: string, password?: string): string {
  const url = new URL(urlOf('postgres'));
  url.pathname = pathname;
  if (password) url.password = password;
  return url.href;
}

test('a PostgreSQL that takes the connection and says nothing is given up', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const env = { DATABASE_URL: `postgres://127.0.0.1:${port}/mine` };
  expect(await refusal(env, { databaseConnectTimeoutMs: 100 })).toMatch(/^DATABASE_URL cannot be used: .*timeout/);
  silent.close();
});
