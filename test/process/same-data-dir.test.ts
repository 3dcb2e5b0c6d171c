/** One DATA_DIR is one server's; servers with a DATA_DIR of their own do not disturb each other. */
import { join } from 'node:path';
import { signUp } from '../support/client.js';
import { Processes, postgresOf, readyAt } from '../support/process.js';
import { create, finish, signIn, stop } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

test('a second server on the same DATA_DIR is refused with the reason, and the first goes on', async () => {
  const first = await processes.startServerProcess();
  const second = await processes.spawnServer({ env: { DATA_DIR: first.dataDir } });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.logs.trim()).toBe(
    `Another server (process ${first.pid}) uses DATA_DIR=${first.dataDir}: give each server a DATA_DIR of its own, or share one PostgreSQL by DATABASE_URL`,
  );
  const alice = await signUp(first.url);
  const id = await create(first.url, alice);
  expect((await finish(first.url, alice, id)).status).toBe('COMPLETED');
});

test('of two servers that come at once to an empty DATA_DIR one serves, and the other is refused', async () => {
  const env = { DATA_DIR: join(await processes.newFolder(), 'data') };
  const both = await Promise.all([processes.spawnServer({ env }), processes.spawnServer({ env })]);
  const loser = await Promise.race(both.map(async (server) => ({ server, ending: await server.ended })));
  expect(loser.ending.code).toBe(1);
  expect(loser.server.logs).toContain('Another server');
  const [winner] = both.filter((server) => server !== loser.server);
  if (!winner) throw new Error('There are two');
  const url = await readyAt(winner);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await stop(winner)).toBe(0);
});

test('two servers with a DATA_DIR and a port each know nothing of each other, and one outlives the other', async () => {
  const [first, second] = await Promise.all([processes.startServerProcess(), processes.startServerProcess()]);
  const alice = await signUp(first.url);
  expect(await signIn(second.url, alice)).toBe(false);
  expect(await stop(first)).toBe(0);
  expect(postgresOf(first)).toBeUndefined();
  const bob = await signUp(second.url);
  const id = await create(second.url, bob);
  expect((await finish(second.url, bob, id)).status).toBe('COMPLETED');
});

test('who starts while the one before is still closing waits for it, and serves', async () => {
  const first = await processes.startServerProcess();
  const alice = await signUp(first.url);
  first.kill('SIGTERM');
  const second = await processes.startServerProcess({ env: { DATA_DIR: first.dataDir } });
  expect((await first.ended).code).toBe(0);
  expect(await signIn(second.url, alice)).toBe(true);
});
