/**
 * Only one server uses a DATA_DIR; servers with different folders do not affect each other.
 *
 * @slow: starts servers as processes.
 */
import { signUp } from '../support/client.js';
import { Processes, postgresOf, readyAt, type ServerHere } from '../support/process.js';
import { create, finish, signIn, stop, type User } from './stories.js';

/** How long the second server waits. */
const SHORT_TIMEOUT = { dataDirTimeoutMs: 200 };
const LONG_TIMEOUT = { dataDirTimeoutMs: 60_000 };

const processes = new Processes();
afterAll(() => processes.end());

describe('two servers', () => {
  let first: ServerHere;
  let second: ServerHere;
  let alice: User;
  beforeAll(async () => {
    [first, second] = (await Promise.all([processes.startServerHere(), processes.startServerHere()])) as [
      ServerHere,
      ServerHere,
    ];
    alice = await signUp(first.url);
  });

  test('a second server on the same DATA_DIR is refused with the reason, and the first one continues', async () => {
    const late = await processes.spawnServer({ env: { DATA_DIR: first.dataDir }, timings: SHORT_TIMEOUT });
    expect(await late.ended).toEqual({ code: 1, signal: null });
    expect(late.logs.trim()).toBe(
      `Another server (process ${process.pid}) uses DATA_DIR=${first.dataDir}: give each server a DATA_DIR of its own, or share one PostgreSQL by DATABASE_URL`,
    );
    const id = await create(first.url, alice);
    expect((await finish(first.url, alice, id)).status).toBe('COMPLETED');
  });

  test('servers with different folders and ports are independent, and one survives the other', async () => {
    expect(await signIn(second.url, alice)).toBe(false);
    const bob = await signUp(second.url);
    await second.close();
    expect(postgresOf(second)).toBeUndefined();
    expect(await signIn(first.url, bob)).toBe(false);
    const id = await create(first.url, alice);
    expect((await finish(first.url, alice, id)).status).toBe('COMPLETED');
  });

  test('a server that starts while the previous one is closing waits and then serves', async () => {
    const closing = first.close();
    const next = await processes.startServerHere({ env: { DATA_DIR: first.dataDir }, timings: LONG_TIMEOUT });
    await closing;
    expect(await signIn(next.url, alice)).toBe(true);
  });
});

test('when two servers start at once on an empty DATA_DIR, one serves and the other is refused', async () => {
  const env = { DATA_DIR: await processes.newDataDir() };
  const spawn = () => processes.spawnServer({ env, timings: SHORT_TIMEOUT });
  const both = await Promise.all([spawn(), spawn()]);
  const loser = await Promise.race(both.map(async (server) => ({ server, ending: await server.ended })));
  expect(loser.ending.code).toBe(1);
  expect(loser.server.logs).toContain('Another server');
  const [winner] = both.filter((server) => server !== loser.server);
  if (!winner) throw new Error('There are two');
  const url = await readyAt(winner);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await stop(winner)).toBe(0);
});
