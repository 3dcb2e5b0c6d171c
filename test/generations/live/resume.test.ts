/** Resuming generationsUpdated with a cursor: the changes since then are reported, or a GAP is. */
import pg from 'pg';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, begins, type Change, create, type Following, followAll, read, remove, sql } from '../support.js';

let app: TestApp;
let alice: Client;
const followings: Following<Change>[] = [];
beforeAll(async () => {
  app = await startTestApp({ timings: { recheckIntervalMs: 100, progressIntervalMs: 20, cleanIntervalMs: 50 } });
});
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(async () => {
  app.simulator.heal();
  for (const following of followings.splice(0)) await following.leave();
});
afterAll(() => app.close());

async function follow(after?: string, url = app.url, client = alice): Promise<Following<Change>> {
  const following = await followAll({ url }, client, after);
  followings.push(following);
  return following;
}

/** Its cursors are no older than now. */
async function followFromNow(): Promise<Following<Change>> {
  const id = await complete();
  const following = await follow();
  await begins(app, following, id);
  return following;
}

/** Follows one generation from its creation to its end, unsubscribes, and returns the cursor of the last change. */
async function leaveWithCursor(): Promise<{ id: string; cursor: string }> {
  const following = await followFromNow();
  const { id } = await create(alice);
  const last = await until(
    () => about(following, id).find(({ generation }) => generation?.status === 'COMPLETED'),
    'the end to be reported',
  );
  await following.leave();
  return { id, cursor: last.cursor };
}

const complete = async () => (await becomes(alice, (await create(alice)).id, 'COMPLETED')).id;
const about = (following: Following<Change>, id: string) => following.seen.filter((change) => change.id === id);
const reported = (following: Following<Change>, id: string) =>
  until(() => about(following, id)[0], 'the change to be reported');

test('generations that were created, ended or deleted while the socket was cut are reported first, then live changes', async () => {
  const before = await followFromNow();
  app.simulator.hold();
  const runs = await create(alice);
  // The read that finds both at once would give a cursor from before both.
  await reported(before, runs.id);
  const goes = await create(alice);
  const { cursor } = await reported(before, goes.id);
  await before.leave();

  app.simulator.release();
  const ended = await becomes(alice, runs.id, 'COMPLETED');
  await becomes(alice, goes.id, 'COMPLETED');
  await remove(alice, goes.id);
  const created = await complete();

  const resumed = await follow(cursor);
  expect(await reported(resumed, runs.id)).toMatchObject({ kind: 'UPDATED', generation: ended });
  expect(await reported(resumed, goes.id)).toMatchObject({ kind: 'DELETED', generation: null });
  expect(await reported(resumed, created)).toMatchObject({ kind: 'CREATED', generation: await read(alice, created) });
  const live = await create(alice);
  expect(await reported(resumed, live.id)).toMatchObject({ kind: 'CREATED' });
  expect(resumed.seen.filter(({ kind }) => kind === 'GAP')).toEqual([]);
});

test('every cursor resumes without a loss', async () => {
  const all = await follow();
  const ids = [await complete(), await complete(), await complete()];
  await until(
    () => ids.every((id) => about(all, id).at(-1)?.generation?.status === 'COMPLETED'),
    'all ends to be reported',
  );
  await Promise.all(
    all.seen.map(async ({ cursor }, nth) => {
      const resumed = await follow(cursor);
      const later = new Set(all.seen.slice(nth + 1).map(({ id }) => String(id)));
      for (const id of later) await reported(resumed, id);
    }),
  );
});

test('a generation that ended before the cursor is not reported again, and another user’s never', async () => {
  const old = await complete();
  const bob = await signUp(app.url);
  const { cursor } = await leaveWithCursor();
  await create(bob);
  const next = await complete();
  const resumed = await follow(cursor);
  await reported(resumed, next);
  expect(about(resumed, old)).toEqual([]);
  expect(
    new Set((await Promise.all(resumed.seen.map(({ id }) => read(alice, String(id))))).map(({ id }) => id)),
  ).toEqual(new Set(resumed.seen.map(({ id }) => id)));
});

test('a change that commits after a later one was reported is not lost', async () => {
  const slow = await complete();
  const following = await follow();
  const other = new pg.Client({ connectionString: app.database.url });
  await other.connect();
  await other.query('begin');
  await other.query('update generations set revision = revision + 1 where id = $1', [slow]);
  const quick = await complete();
  await until(
    () => about(following, quick).at(-1)?.generation?.status === 'COMPLETED',
    'the later change to be reported',
  );
  const cursor = String(following.seen.at(-1)?.cursor);
  await following.leave();
  await other.query('commit');
  await other.end();
  expect(await reported(await follow(cursor), slow)).toMatchObject({ kind: 'UPDATED' });
});

test('a cursor of one server resumes at another server', async () => {
  const { cursor } = await leaveWithCursor();
  const missed = await complete();
  const another = await app.startAnother();
  try {
    const resumed = await follow(cursor, another.url);
    await reported(resumed, missed);
    const later = resumed.seen.at(-1)?.cursor;
    await resumed.leave();
    const next = await complete();
    await reported(await follow(later), next);
  } finally {
    await another.close();
  }
});

test('a deletion that is no longer known makes a GAP, then the stream continues; another user’s deletion does not', async () => {
  const bob = await signUp(app.url);
  const { id, cursor } = await leaveWithCursor();
  const theirs = await create(bob);
  await becomes(bob, theirs.id, 'COMPLETED');
  await remove(bob, theirs.id);
  await expireTombstone(theirs.id);
  const missed = await complete();
  const without = await follow(cursor);
  await reported(without, missed);
  expect(without.seen.map(({ kind }) => kind)).not.toContain('GAP');

  await remove(alice, id);
  await expireTombstone(id);
  const resumed = await follow(cursor);
  const gap = await until(() => resumed.seen[0], 'the gap');
  expect(gap).toMatchObject({ kind: 'GAP', id: null, generation: null });
  const live = await create(alice);
  await reported(resumed, live.id);
  await resumed.leave();
  await reported(await follow(gap.cursor), live.id);
});

async function expireTombstone(id: string): Promise<void> {
  await sql(app, `update generations set deleted_at = now() - interval '25 h' where id = $1`, [id]);
  await until(
    async () => (await sql(app, 'select from generations where id = $1', [id])).length === 0,
    'its row to be deleted',
  );
}

test('more than 1,000 changes make a GAP', async () => {
  const { id, cursor } = await leaveWithCursor();
  await sql(
    app,
    `insert into generations (id, user_id, status, prompt, negative_prompt, workflow_name, workflow_version, parameters, waiting, revision)
     select gen_random_uuid(), user_id, 'COMPLETED', '', '', workflow_name, workflow_version, '{}', false, 5
     from generations, generate_series(1, 1001) where id = $1`,
    [id],
  );
  const resumed = await follow(cursor);
  expect(await until(() => resumed.seen[0], 'the gap')).toMatchObject({ kind: 'GAP' });
});

test('a cursor of another database or of an unknown epoch makes a GAP', async () => {
  const { cursor } = await leaveWithCursor();
  const [epoch] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const future = Buffer.from(`${epoch} 9000000000:9000000000:`).toString('base64url');
  const unknown = Buffer.from(`${crypto.randomUUID()} 1:1:`).toString('base64url');
  for (const each of [future, unknown]) {
    const resumed = await follow(each);
    expect(await until(() => resumed.seen[0], 'the gap')).toMatchObject({ kind: 'GAP' });
  }
});

test.each([
  ['empty', ''],
  ['not base64', '***'],
  ['a cursor of the list', Buffer.from('CREATED_AT DESC 2026-01-01T00:00:00.000Z x').toString('base64url')],
  ['a snapshot out of order', Buffer.from(`${crypto.randomUUID()} 5:3:`).toString('base64url')],
  ['a number too large', Buffer.from(`${crypto.randomUUID()} 1:9999999999999999999:`).toString('base64url')],
  ['ids outside of the snapshot', Buffer.from(`${crypto.randomUUID()} 5:9:4`).toString('base64url')],
  ['a NUL', Buffer.from(`${crypto.randomUUID()} 1:1:\0`).toString('base64url')],
])('a cursor that is %s is BAD_USER_INPUT', async (_, after) => {
  const watching = clientOf(app.url, alice.token).watch(
    'subscription ($after: String) { generationsUpdated(after: $after) { kind } }',
    { after },
  );
  const { value } = await watching.next();
  expect(value.errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
});
