/**
 * A prompt is submitted again only if ComfyUI has lost it, and attempts are counted.
 *
 * @slow: restarts ComfyUI many times.
 */
import { ComfyUI } from '../../../src/comfyui/index.js';
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
  journalOf,
  promptsOf,
  QUICK,
  queueOf,
  reaches,
  read,
  sql,
} from '../support.js';

/** After this many wrong responses the server stops to request a picture. */
const FETCH_ATTEMPTS = 8;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: { ...QUICK, outputRetryDelayMs: 1 } });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const post = (path: string, body: object) =>
  fetch(app.simulator.url + path, { method: 'POST', body: JSON.stringify(body) });

/** ComfyUI reports the outputs before it loses the prompt. */
function restartAfterSuccess(): void {
  const isHeard = async () =>
    (await sql(app, 'select from prompts where outputs is not null and ended_at is null')).length > 0;
  app.simulator.at('success', { do: 'call', run: () => until(isHeard, 'the server to know what was made') });
  app.simulator.at('success', 'restart');
}

const drain = (draining: boolean) =>
  sql(app, `update backends set draining = $1, state = $2`, [draining, draining ? 'DRAINING' : 'ONLINE']);

test('when ComfyUI restarts in the middle, the prompt is submitted again under another id, and its progress starts again', async () => {
  app.simulator.hold();
  app.simulator.at('step', 'restart', { skip: 5 });
  const { id } = await create(alice, { steps: 10 });
  const watching = follow(app, alice, id);
  await until(() => watching.seen.at(-1)?.status === 'PROCESSING', 'the subscriber to see it run');
  app.simulator.release();
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(2);
  await expectTrueEnd(app, end);
  await watching.ended;

  expect(new Set(await promptsOf(app, id)).size).toBe(2);
  expect(await journalOf(app, id)).toMatchObject({ received: 2, executed: 2, succeeded: 1 });
  const statuses = watching.seen.map(({ status }) => status);
  expect(statuses.lastIndexOf('PENDING')).toBeLessThan(statuses.indexOf('PROCESSING'));
  const attempts = watching.seen.map(({ attempt }) => attempt);
  expect(attempts).toEqual(attempts.toSorted());
  for (const attempt of [1, 2]) {
    const fractions = watching.seen.flatMap(({ attempt: of, progress }) =>
      of === attempt && progress ? [progress.fraction] : [],
    );
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  }
});

test('between two attempts a generation is PROCESSING without progress and without a queue position', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 10 });
  await until(async () => (await read(alice, id)).startedAt !== null, 'the generation to start');
  await drain(true);
  app.simulator.release();
  await app.simulator.restart();
  const between = await until(async () => {
    const now = await read(alice, id);
    return now.status === 'PROCESSING' && now.startedAt === null && now.attempt === 1 && now;
  }, 'the generation to be between two attempts');
  expect(between).toMatchObject({ progress: null, queuePosition: null });
  await drain(false);
  await becomes(alice, id, 'COMPLETED');
});

test('a generation that ComfyUI loses in every attempt is BACKEND_LOST, and the next one runs', async () => {
  app.simulator.at('step', 'restart', { times: 3 });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'FAILED');
  expect(end).toMatchObject({ attempt: 3, failure: { code: 'BACKEND_LOST', retryable: true } });
  await expectTrueEnd(app, end);
  expect(await journalOf(app, id)).toMatchObject({ executed: 3 });
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
});

test('when ComfyUI restarts after all outputs are made, the files are fetched and nothing is executed again', async () => {
  restartAfterSuccess();
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(1);
  await expectTrueEnd(app, end);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1 });
});

test('when the files are gone as well, the prompt is executed again', async () => {
  restartAfterSuccess();
  // When ComfyUI names the picture, and after its restart.
  app.simulator.at('view:before', { do: 'answer', status: 404, type: 'text/plain', body: '' }, { times: 2 });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(2);
  await expectTrueEnd(app, end);
  expect(await journalOf(app, id)).toMatchObject({ executed: 2 });
});

/** The first request may come when ComfyUI names the picture, at which time its history does not have the prompt yet. */
const refuseFirstView = () => app.simulator.at('view:before', 'reset');

test('when ComfyUI restarts while the picture is fetched, the picture is fetched from the new process', async () => {
  refuseFirstView();
  app.simulator.at('view:half', { do: 'restart', downMs: 100 });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(1);
  await expectTrueEnd(app, end);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1 });
});

test('the server waits for the picture however long ComfyUI takes to come back', async () => {
  const view = jest.spyOn(ComfyUI.prototype, 'view');
  refuseFirstView();
  app.simulator.at('view:before', { do: 'call', run: () => void app.simulator.down() }, { skip: 1 });
  const { id } = await create(alice);
  await until(() => view.mock.calls.length > FETCH_ATTEMPTS + 2, 'the picture to be requested repeatedly');
  view.mockRestore();
  await app.simulator.up();
  const end = await becomes(alice, id, 'COMPLETED');
  expect(end.attempt).toBe(1);
  await expectTrueEnd(app, end);
  expect(await journalOf(app, id)).toMatchObject({ executed: 1 });
});

test("after another client's interrupt the prompt is submitted again", async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  const promptId = await reaches(app, id, 'running');
  await post('/interrupt', { prompt_id: promptId });
  app.simulator.release();
  expect((await becomes(alice, id, 'COMPLETED')).attempt).toBe(2);
  expect(await journalOf(app, id)).toMatchObject({ executed: 2, interrupted: 1, succeeded: 1 });
});

test("a prompt that another client deletes from ComfyUI's queue is submitted again", async () => {
  app.simulator.hold();
  const first = await create(alice);
  await reaches(app, first.id, 'running');
  const second = await create(alice);
  await post('/queue', { delete: [await reaches(app, second.id, 'pending')] });
  app.simulator.release();
  await becomes(alice, first.id, 'COMPLETED');
  expect((await becomes(alice, second.id, 'COMPLETED')).attempt).toBe(2);
});

test('a generation canceled just after ComfyUI lost its prompt is CANCELED, and not submitted again', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  // The server cannot learn of the loss before the cancel.
  const { promise: canceled, resolve: tell } = Promise.withResolvers<void>();
  const always = { times: Number.POSITIVE_INFINITY };
  for (const point of ['queue', 'history'] as const)
    app.simulator.at(point, { do: 'call', run: () => canceled }, always);
  await app.simulator.restart();
  expect(await cancel(alice, id)).toMatchObject({ status: 'CANCELING' });
  tell();
  app.simulator.release();
  const end = await finishes(alice, id);
  expect(end.status).toBe('CANCELED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1 });
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
});

test('a cancel that is confirmed while the pictures of a lost prompt are fetched ends CANCELED, and counts no crash', async () => {
  restartAfterSuccess();
  const { promise, resolve: respond } = Promise.withResolvers<void>();
  const { promise: requested, resolve: request } = Promise.withResolvers<void>();
  const hold = () => {
    request();
    return promise;
  };
  app.simulator.at('view:before', { do: 'call', run: hold }, { times: Number.POSITIVE_INFINITY });
  const { id } = await create(alice);
  await requested;
  await cancel(alice, id);
  const end = await finishes(alice, id);
  respond();
  expect(end).toMatchObject({ status: 'CANCELED', failure: null });
  await expectTrueEnd(app, end);
  expect(await sql(app, 'select crashes from generations where id = $1', [id])).toEqual([{ crashes: 0 }]);
});

test('a history entry that is evicted before it was read does not leave the generation PROCESSING', async () => {
  app.simulator.at('history', { do: 'call', run: () => app.simulator.evict() }, { times: 3 });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'COMPLETED');
  await expectTrueEnd(app, end);
  expect((await journalOf(app, id)).executed).toBeLessThanOrEqual(2);
});
