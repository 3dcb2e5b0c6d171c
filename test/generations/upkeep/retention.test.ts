/**
 * KEEP_DAYS, KEEP_COUNT and KEEP_BYTES. A server looks when it starts: a test starts another one to make it look.
 *
 * @slow: starts many servers.
 */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  begins,
  comesToRest,
  create,
  dataOf,
  executedGraph,
  filesOf,
  followAll,
  list,
  QUICK,
  reaches,
  sql,
} from '../support.js';

const STORAGE = '{ storage { generations byteSize expiring keepsDays keepsCount keepsBytes } }';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { KEEP_COUNT: '2' }, timings: { ...QUICK, cleanIntervalMs: 200 } });
});
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const complete = async (client: Client): Promise<string> =>
  (await becomes(client, (await create(client)).id, 'COMPLETED')).id;

async function completeAll(client: Client, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number++) ids.push(await complete(client));
  await comesToRest(app);
  return ids;
}

/** Starts servers, which look for expired generations, and stops them when the user has as many left. */
async function look(client: Client, left: number, { servers = 1, env = {} }: Look = {}): Promise<void> {
  const others = await Promise.all(Array.from({ length: servers }, () => app.startAnother(env)));
  await until(async () => (await list(client)).ids.length === left, `${left} generations to be left`);
  await Promise.all(others.map((each) => each.close()));
}
type Look = { servers?: number; env?: Record<string, string> };

/** A user whom a server looks at after all others, because the ids of users rise. */
async function lastUser(count: number): Promise<Client & { id: string }> {
  const client = await signUp(app.url);
  await completeAll(client, count);
  return client;
}

const storage = async (client: Client) => (await dataOf(client.ask(STORAGE))).storage;
const revisions = (ids: readonly string[]) =>
  sql<{ revision: number }>(app, 'select revision from generations where id = any($1) order by created_at', [ids]);

test('storage shows what would be deleted before it is, and nothing is deleted earlier', async () => {
  const ids = await completeAll(alice, 3);
  expect(await storage(alice)).toMatchObject({
    generations: 3,
    expiring: 1,
    keepsDays: null,
    keepsCount: 2,
    keepsBytes: null,
  });
  expect((await list(alice)).ids).toEqual(ids.toReversed());
});

test('beyond KEEP_COUNT the oldest are deleted as their owner would: live, with their files and their history', async () => {
  const bob = await signUp(app.url);
  const [kept] = await completeAll(bob, 1);
  const ids = await completeAll(alice, 4);
  const following = await followAll(app, alice);
  await begins(app, following, String(ids[3]));
  await look(alice, 2);
  expect((await list(alice)).ids).toEqual([ids[3], ids[2]]);
  expect((await list(bob)).ids).toEqual([kept]);
  await until(() => {
    const gone = following.seen.filter(({ kind }) => kind === 'DELETED').map(({ id }) => id);
    return gone.length === 2 && gone.includes(String(ids[0]));
  }, 'the deletions to be reported');
  await following.leave();
  for (const id of ids.slice(0, 2)) {
    await until(async () => (await filesOf(app, id)).length === 0, 'its files to be removed');
    await until(
      () =>
        executedGraph(app, id).then(
          () => false,
          () => true,
        ),
      'its history entry to be removed',
    );
  }
  expect(await filesOf(app, String(ids[2]))).not.toEqual([]);
  expect(await storage(alice)).toMatchObject({ generations: 2, expiring: 0 });
});

test('unfinished generations are kept, and do not count', async () => {
  const ids = await completeAll(alice, 2);
  const last = await lastUser(3);
  app.simulator.hold();
  const running = await create(alice);
  await reaches(app, running.id, 'running');
  const waiting = await create(alice);
  expect((await storage(alice)).expiring).toBe(0);
  await look(last, 2);
  expect((await list(alice)).ids).toEqual([waiting.id, running.id, ids[1], ids[0]]);
});

test('several servers delete each generation once', async () => {
  const ids = await completeAll(alice, 6);
  const before = await revisions(ids);
  await look(alice, 2, { servers: 2 });
  const after = await revisions(ids);
  expect(after.map(({ revision }, index) => revision - Number(before[index]?.revision))).toEqual([1, 1, 1, 1, 0, 0]);
});

test('favorites are kept, and do not count', async () => {
  const ids = await completeAll(alice, 4);
  await dataOf(
    alice.ask('mutation ($id: ID!) { favoriteGeneration(id: $id, isFavorite: true) { isFavorite } }', { id: ids[0] }),
  );
  expect((await storage(alice)).expiring).toBe(1);
  await look(alice, 3);
  expect((await list(alice)).ids).toEqual([ids[3], ids[2], ids[0]]);
});

test('KEEP_DAYS deletes what is older, whatever the count', async () => {
  const [, older = ''] = await completeAll(alice, 3);
  await sql(app, `update generations set created_at = created_at - interval '3 days' where id = $1`, [older]);
  const last = await lastUser(1);
  await sql(app, `update generations set created_at = created_at - interval '9 days' where user_id = $1`, [last.id]);
  await look(last, 0, { env: { KEEP_COUNT: '', KEEP_DAYS: '4' } });
  expect((await list(alice)).ids).toHaveLength(3);
  await look(alice, 2, { env: { KEEP_COUNT: '', KEEP_DAYS: '2' } });
  expect((await list(alice)).ids).not.toContain(older);
});

test('KEEP_BYTES keeps the newest whose results fit', async () => {
  const ids = await completeAll(alice, 2);
  const last = await lastUser(3);
  await sql(app, 'update images set byte_size = 1000');
  await look(last, 2, { env: { KEEP_COUNT: '', KEEP_BYTES: '2000' } });
  expect((await list(alice)).ids).toHaveLength(2);
  await look(alice, 1, { env: { KEEP_COUNT: '', KEEP_BYTES: '1999' } });
  expect((await list(alice)).ids).toEqual([ids[1]]);
});
