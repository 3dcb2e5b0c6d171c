/** cancelGeneration at every point of a generation: only this generation stops, and its status is true. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  cancel,
  create,
  expectTrueEnd,
  finishes,
  follow,
  interrupt,
  journalOf,
  occupy,
  POINTS,
  QUICK,
  queueOf,
  reaches,
  read,
  settles,
} from '../support.js';

let app: TestApp;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: QUICK });
  [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
});
afterEach(() => {
  app.simulator.heal();
  expect(app.simulator.journal.globalInterrupts).toBe(0);
});
afterAll(() => app.close());

const interruptsSince = (before: number) => () => app.simulator.journal.requests('POST /interrupt') > before;

test('a waiting generation is CANCELED at once, and is never submitted to ComfyUI', async () => {
  app.simulator.hold();
  const [first, second] = await occupy(app, alice);
  const third = await create(alice);
  const received = Object.keys(app.simulator.journal.snapshot().prompts).length;
  expect(await cancel(alice, third.id)).toMatchObject({ status: 'CANCELED', attempt: 0, startedAt: null });
  app.simulator.release();
  await becomes(alice, first.id, 'COMPLETED');
  await becomes(alice, second.id, 'COMPLETED');
  await expectTrueEnd(app, await read(alice, third.id));
  expect(Object.keys(app.simulator.journal.snapshot().prompts)).toHaveLength(received);
});

test("a prompt in ComfyUI's own queue is deleted there, and the prompt before it continues", async () => {
  app.simulator.hold();
  const first = await create(bob);
  await reaches(app, first.id, 'running');
  const second = await create(alice);
  const promptId = await reaches(app, second.id, 'pending');
  expect(['CANCELING', 'CANCELED']).toContain((await cancel(alice, second.id)).status);
  await expectTrueEnd(app, await becomes(alice, second.id, 'CANCELED'));
  expect(await queueOf(app.simulator)).toMatchObject({ pending: expect.not.arrayContaining([promptId]) });
  app.simulator.release();
  await becomes(bob, first.id, 'COMPLETED');
  expect(await journalOf(app, second.id)).toMatchObject({ received: 1, executed: 0, deleted: 1 });
  expect(await journalOf(app, first.id)).toMatchObject({ executed: 1, interrupted: 0, succeeded: 1 });
});

test('a running prompt is interrupted, and the next prompt, of another user, runs', async () => {
  app.simulator.hold();
  const first = await create(alice, { steps: 20 });
  await reaches(app, first.id, 'running');
  const second = await create(bob);
  await reaches(app, second.id, 'pending');
  expect(await interrupt(app, alice, first.id)).toMatchObject({ status: 'CANCELING' });
  app.simulator.release();
  await expectTrueEnd(app, await becomes(alice, first.id, 'CANCELED'));
  await becomes(bob, second.id, 'COMPLETED');
  expect(await journalOf(app, first.id)).toMatchObject({ executed: 1, interrupted: 1, succeeded: 0 });
  expect(await journalOf(app, second.id)).toMatchObject({ executed: 1, interrupted: 0, succeeded: 1 });
});

test('a subscriber receives CANCELING, then CANCELED, and the stream completes', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 20 });
  const watching = follow(app, alice, id);
  await reaches(app, id, 'running');
  await until(() => watching.seen.some(({ status }) => status === 'PROCESSING'), 'PROCESSING to be reported');
  await interrupt(app, alice, id);
  await until(() => watching.seen.at(-1)?.status === 'CANCELING', 'CANCELING to be reported');
  app.simulator.release();
  await watching.ended;
  expect(watching.seen.at(-1)?.status).toBe('CANCELED');
  expect(watching.seen.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
});

test('a generation is CANCELED although ComfyUI loses an interrupt just before the prompt starts', async () => {
  const before = app.simulator.journal.requests('POST /interrupt');
  const created = Promise.withResolvers<string>();
  app.simulator.at('start', {
    do: 'call',
    run: async () => {
      app.simulator.hold();
      await cancel(alice, await created.promise);
      await until(interruptsSince(before), 'the lost interrupt');
    },
  });
  const { id } = await create(alice, { steps: 20 });
  created.resolve(id);
  await until(interruptsSince(before + 1), 'a second interrupt');
  app.simulator.release();
  await expectTrueEnd(app, await becomes(alice, id, 'CANCELED'));
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 1 });
});

test('a cancel after ComfyUI has made the image ends COMPLETED or CANCELED, and never both', async () => {
  app.simulator.at('success', 'hold');
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  await app.simulator.held();
  expect(await cancel(alice, id)).toMatchObject({ status: 'CANCELING' });
  app.simulator.release();
  const end = await finishes(alice, id);
  await watching.ended;
  expect(['COMPLETED', 'CANCELED']).toContain(end.status);
  await expectTrueEnd(app, end);
  expect(watching.seen.filter(({ completedAt }) => completedAt !== null)).toEqual([end]);
});

test('a final generation is returned unchanged', async () => {
  const completed = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  expect(await cancel(alice, completed.id)).toEqual(completed);
  app.simulator.at('node', 'fail');
  const failed = await becomes(alice, (await create(alice)).id, 'FAILED');
  expect(await cancel(alice, failed.id)).toEqual(failed);
  app.simulator.hold();
  const { id } = await create(alice);
  await interrupt(app, alice, id);
  app.simulator.release();
  const canceled = await becomes(alice, id, 'CANCELED');
  expect(await cancel(alice, id)).toEqual(canceled);
});

test.each(POINTS)(
  'a cancel at the point %s ends the generation once, with a true status, and leaves no prompt in ComfyUI',
  async (point) => {
    const created = Promise.withResolvers<string>();
    app.simulator.hold();
    app.simulator.at(point, { do: 'call', run: async () => void (await cancel(alice, await created.promise)) });
    const { id } = await create(alice, { steps: 10 });
    created.resolve(id);
    const watching = follow(app, alice, id);
    app.simulator.release();
    const end = await finishes(alice, id);
    await watching.ended;
    await settles(app, id);
    await expectTrueEnd(app, end);
    expect(['COMPLETED', 'CANCELED']).toContain(end.status);
    expect(watching.seen.at(-1)).toEqual(end);
    expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  },
);
