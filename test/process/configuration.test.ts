/**
 * A server that cannot start says why in one sentence, exits with code 1, and leaves nothing running.
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

/** The message that a process would print. */
async function refusal(env: Record<string, string>, timings = {}): Promise<string> {
  const error = await processes.startServerHere({ env, timings }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

test('all invalid variables are reported at once', async () => {
  const env = {
    PORT: 'http',
    JWT_SECRET: 'not long enough',
    DATABASE_URL: 'mysql://localhost/x',
    COMFYUI_URL: 'localhost:8188',
  };
  const server = await processes.spawnServer({ env });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  const [title, ...lines] = server.logs.trim().split('\n');
  expect(title).toBe('The configuration is invalid:');
  expect(lines.map((line) => line.trim().split(':')[0]).sort()).toEqual([
    'COMFYUI_URL',
    'DATABASE_URL',
    'JWT_SECRET',
    'PORT',
  ]);
});

test('a port in use is reported, and the PostgreSQL started before is stopped', async () => {
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

test('a DATABASE_URL that cannot be used is reported with the reason and without its password', async () => {
  const server = await processes.spawnServer({ env: { DATABASE_URL: databaseUrl('/guarded', 'hush') } });
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.logs.trim()).toMatch(/^DATABASE_URL cannot be used: .*password authentication failed.*$/);
  expect(server.logs).not.toContain('hush');
});

test('a HOST of another machine is reported', async () => {
  const database = await createDatabase();
  const env = { DATABASE_URL: database.url, HOST: '192.0.2.1', PORT: '4123' };
  expect(await refusal(env)).toBe(
    'Cannot listen at HOST=192.0.2.1, PORT=4123: listen EADDRNOTAVAIL: address not available 192.0.2.1:4123',
  );
  await database.drop();
});

test.each([
  [
    'without a listener',
    () => 'postgres://me:hush@127.0.0.1:1/mine',
    /ECONNREFUSED 127\.0\.0\.1:1 \(127\.0\.0\.1:1, database mine\)/,
  ],
  ['with an unknown database', () => databaseUrl('/no_such'), /database "no_such" does not exist/],
  ['with a wrong password', () => databaseUrl('/guarded', 'hush'), /password authentication failed/],
  ['with an unknown host', () => 'postgres://me:hush@no-such-host.invalid/mine', /ENOTFOUND|EAI_AGAIN/],
])('a DATABASE_URL %s is reported with the reason and without its password', async (_, url, reason) => {
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

test('a PostgreSQL that accepts the connection and never responds ends the start with a timeout', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const env = { DATABASE_URL: `postgres://127.0.0.1:${port}/mine` };
  expect(await refusal(env, { databaseConnectTimeoutMs: 100 })).toMatch(/^DATABASE_URL cannot be used: .*timeout/);
  silent.close();
});
