/** deleteGeneration at every point of a generation: it is invisible at once, and later its prompt and files are gone. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  filesSettle,
  finishes,
  follow,
  interrupt,
  interrupting,
  journalOf,
  list,
  occupy,
  POINTS,
  QUICK,
  queueOf,
  reaches,
  remove,
  settles,
  tryRead,
  tryRemove,
} from '../support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: QUICK });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

/** Its owner cannot read, list, cancel or delete it. */
async function expectInvisible(id: string): Promise<void> {
  expect(await codeOf(tryRead(alice, id))).toBe('NOT_FOUND');
  expect(await dataOf(alice.ask('query ($id: ID!) { node(id: $id) { id } }', { id }))).toEqual({ node: null });
  const { ids, totalCount } = await list(alice);
  expect(ids).not.toContain(id);
  expect(totalCount).toBe(ids.length);
  expect(await codeOf(alice.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { id } }', { id }))).toBe('NOT_FOUND');
  expect(await codeOf(tryRemove(alice, id))).toBe('NOT_FOUND');
}

/** No prompt in ComfyUI and no file remains. */
async function expectNothingLeft(id: string): Promise<void> {
  await settles(app, id);
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  await until(async () => (await filesOf(app, id)).length === 0, 'its files to be removed');
  await filesSettle(app);
}

test('a running generation is invisible at once, its streams complete, and its prompt, preview and files are removed', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 20 });
  const watchings = [follow(app, alice, id), follow(app, alice, id)];
  await app.simulator.advance(8);
  const preview = await until(() => watchings[0]?.seen.at(-1)?.progress?.previewUrl, 'a preview');
  expect((await fetch(app.url + preview)).status).toBe(200);

  expect(await interrupting(app, () => remove(alice, id))).toBe(id);
  await expectInvisible(id);
  await Promise.all(watchings.map(({ ended }) => ended));
  for (const { seen } of watchings) expect(seen.at(-1)?.completedAt).toBeNull();
  app.simulator.release();
  await expectNothingLeft(id);
  expect((await fetch(app.url + preview)).status).toBe(404);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 1, succeeded: 0 });
});

test('a COMPLETED generation is deleted with its images', async () => {
  const { id, result } = await becomes(alice, (await create(alice, { batchSize: 2 })).id, 'COMPLETED');
  const images = result?.images ?? [];
  expect(images).toHaveLength(2);
  for (const { url } of images) expect((await fetch(app.url + url)).status).toBe(200);
  await remove(alice, id);
  await expectInvisible(id);
  for (const { url } of images) expect((await fetch(app.url + url)).status).toBe(404);
  for (const node of [result, ...images])
    expect(await dataOf(alice.ask('query ($id: ID!) { node(id: $id) { id } }', { id: node?.id }))).toEqual({
      node: null,
    });
  await expectNothingLeft(id);
});

test('a PENDING generation is never submitted to ComfyUI', async () => {
  app.simulator.hold();
  const [first, second] = await occupy(app, alice);
  const third = await create(alice);
  const watching = follow(app, alice, third.id);
  await until(() => watching.seen.length > 0, 'the present state');
  await remove(alice, third.id);
  await expectInvisible(third.id);
  await watching.ended;
  app.simulator.release();
  await becomes(alice, first.id, 'COMPLETED');
  await becomes(alice, second.id, 'COMPLETED');
  await expectNothingLeft(third.id);
  expect(await journalOf(app, third.id)).toMatchObject({ received: 0 });
});

test('a prompt in ComfyUI’s own queue is deleted there, and the prompt before it continues', async () => {
  app.simulator.hold();
  const first = await create(alice);
  await reaches(app, first.id, 'running');
  const second = await create(alice);
  await reaches(app, second.id, 'pending');
  await remove(alice, second.id);
  await expectInvisible(second.id);
  await settles(app, second.id);
  app.simulator.release();
  await becomes(alice, first.id, 'COMPLETED');
  expect(await journalOf(app, second.id)).toMatchObject({ executed: 0, deleted: 1 });
});

test('FAILED and CANCELED generations can be deleted', async () => {
  app.simulator.at('node', 'fail');
  const failed = await finishes(alice, (await create(alice)).id);
  app.simulator.hold();
  const canceled = await create(alice);
  await interrupt(app, alice, canceled.id);
  app.simulator.release();
  await becomes(alice, canceled.id, 'CANCELED');
  for (const { id } of [failed, canceled]) {
    await remove(alice, id);
    await expectInvisible(id);
  }
});

test.each(POINTS)(
  'a generation deleted at the point %s leaves no prompt and no file, and frees its slot',
  async (point) => {
    const begun = Promise.withResolvers<string>();
    const removed = Promise.withResolvers<string>();
    app.simulator.at(point, {
      do: 'call',
      run: async () => removed.resolve(await remove(alice, await begun.promise)),
    });
    app.simulator.hold();
    const { id } = await create(alice, { steps: 10 });
    const watching = follow(app, alice, id);
    await until(() => watching.seen.length > 0, 'the first event');
    begun.resolve(id);
    app.simulator.release();
    await watching.ended;
    // At the last points the generation may be COMPLETED before.
    await removed.promise;
    await expectInvisible(id);
    await expectNothingLeft(id);
  },
);
