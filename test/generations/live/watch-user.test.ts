/** generationsUpdated: the changes of the viewer's own generations from now on. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, begins, type Change, create, type Following, followAll, read, remove, sql } from '../support.js';

let app: TestApp;
let alice: Client;
let bob: Client;
let watching: Following<Change>;
beforeAll(async () => {
  app = await startTestApp({ timings: { recheckIntervalMs: 200, progressIntervalMs: 20 } });
});
beforeEach(async () => {
  [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
});
afterEach(() => {
  app.simulator.heal();
  return watching.leave();
});
afterAll(() => app.close());

const kindsOf = (id: string) => watching.seen.filter((change) => change.id === id).map(({ kind }) => kind);

test('a generation is CREATED, UPDATED until its end, and DELETED, in this order', async () => {
  watching = await followAll(app, alice);
  app.simulator.hold();
  const { id } = await create(alice, { steps: 20 });
  // An unread creation would be merged with the next change.
  await until(() => kindsOf(id).length > 0, 'the creation to be reported');
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  await until(() => watching.seen.at(-1)?.generation?.status === 'COMPLETED', 'the end to be reported');
  expect(watching.seen.at(-1)?.generation).toEqual(await read(alice, id));
  await remove(alice, id);
  await until(() => watching.seen.at(-1)?.kind === 'DELETED', 'the deletion to be reported');
  expect(watching.seen.at(-1)).toMatchObject({ kind: 'DELETED', id, generation: null });
  const kinds = kindsOf(id);
  expect(kinds).toEqual(['CREATED', ...kinds.slice(1, -1).map(() => 'UPDATED'), 'DELETED']);
  expect(kinds.length).toBeGreaterThan(2);
  const revisions = watching.seen.flatMap(({ generation }) => (generation ? [generation.revision] : []));
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
});

test('changes of other users’ generations are not reported', async () => {
  watching = await followAll(app, bob);
  const theirs = await Promise.all([create(alice), create(alice)]);
  for (const { id } of theirs) await becomes(alice, id, 'COMPLETED');
  await remove(alice, theirs[0].id);
  const own = await create(bob);
  await becomes(bob, own.id, 'COMPLETED');
  await until(() => watching.seen.at(-1)?.generation?.status === 'COMPLETED', 'the end of Bob’s generation');
  expect(new Set(watching.seen.map(({ id }) => id))).toEqual(new Set([own.id]));
});

test('a generation that existed before is UPDATED, not CREATED, when it changes', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  watching = await followAll(app, alice);
  app.simulator.release();
  await until(() => watching.seen.at(-1)?.generation?.status === 'COMPLETED', 'the end to be reported');
  expect(new Set(kindsOf(id))).toEqual(new Set(['UPDATED']));
});

test('changes without a hint are found by polling, a creation as CREATED', async () => {
  const { id } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  watching = await followAll(app, alice);
  await begins(app, watching, id);
  await sql(app, `update generations set revision = 77, updated_at = now() where id = $1`, [id]);
  const [copy] = await sql<{ id: string }>(
    app,
    `insert into generations (id, user_id, status, prompt, negative_prompt, workflow_name, workflow_version, parameters, waiting, revision)
     select gen_random_uuid(), user_id, 'COMPLETED', prompt, '', workflow_name, workflow_version, parameters, false, 5
     from generations where id = $1 returning id`,
    [id],
  );
  await until(() => watching.seen.some((change) => change.generation?.revision === 77), 'the change');
  await until(() => kindsOf(String(copy?.id)).length > 0, 'the creation');
  expect(kindsOf(String(copy?.id))).toEqual(['CREATED']);
  expect(kindsOf(id).at(-1)).toBe('UPDATED');
  await sql(app, `update generations set deleted_at = now(), updated_at = now() where id = $1`, [id]);
  await until(() => kindsOf(id).at(-1) === 'DELETED', 'the deletion');
});

test('changes before the subscription are not reported', async () => {
  const [before, after] = [await create(alice), await create(alice)];
  await becomes(alice, before.id, 'COMPLETED');
  await becomes(alice, after.id, 'COMPLETED');
  await sql(app, `update generations set updated_at = now() - interval '3 s' where id = $1`, [before.id]);
  watching = await followAll(app, alice);
  await begins(app, watching, after.id);
  expect(kindsOf(before.id)).toEqual([]);
});
