/** Nothing waits or runs for ever: what takes too long ends as TIMED_OUT, and leaves ComfyUI free. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import {
  becomes,
  cancel,
  create,
  expectTrueEnd,
  finishes,
  follow,
  freePort,
  journalOf,
  occupy,
  queueOf,
  reaches,
  read,
  settles,
} from './support.js';

/** A user waits for half a minute for a backend to confirm that it stopped. */
const PATIENCE_MS = 60_000;

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.simulator.heal();
    await app.close();
  }
});

async function start(env: Record<string, string>): Promise<{ app: TestApp; alice: Client }> {
  const app = await startTestApp({ env });
  apps.push(app);
  return { app, alice: await signUp(app.url) };
}

test('one that runs for longer than GENERATION_TIMEOUT_SECONDS is TIMED_OUT, and its prompt is interrupted', async () => {
  const { app, alice } = await start({ GENERATION_TIMEOUT_SECONDS: '1' });
  app.simulator.hold();
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  await until(() => app.simulator.journal.requests('POST /interrupt') > 0, 'the interrupt');
  expect(await read(alice, id)).toMatchObject({ status: 'PROCESSING' });
  app.simulator.release();
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'TIMED_OUT', retryable: true });
  expect(end.failure?.message).toContain('1 second');
  await expectTrueEnd(app, end);
  await watching.ended;
  expect(watching.seen.at(-1)).toEqual(end);
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 1, succeeded: 0 });
  expect(app.simulator.journal.globalInterrupts).toBe(0);
});

test('one that waits for longer than QUEUE_TIMEOUT_SECONDS is TIMED_OUT, and what runs goes on', async () => {
  const { app, alice } = await start({ QUEUE_TIMEOUT_SECONDS: '2' });
  app.simulator.hold();
  const runs = await create(alice);
  await reaches(app, runs.id, 'running');
  const [inComfyUI, waits] = [await create(alice), await create(alice)];
  const watching = follow(app, alice, waits.id);
  const end = await becomes(alice, waits.id, 'FAILED');
  expect(end).toMatchObject({ failure: { code: 'TIMED_OUT', retryable: true }, attempt: 0, startedAt: null });
  await expectTrueEnd(app, end);
  await watching.ended;
  expect(watching.seen.at(-1)).toEqual(end);

  // One that has a place and does not get to run waits, too.
  expect((await becomes(alice, inComfyUI.id, 'FAILED')).failure).toMatchObject({ code: 'TIMED_OUT' });
  expect(await journalOf(app, inComfyUI.id)).toMatchObject({ executed: 0, deleted: 1 });
  app.simulator.release();
  await becomes(alice, runs.id, 'COMPLETED');
});

test('while ComfyUI is away QUEUE_TIMEOUT_SECONDS counts as well', async () => {
  const { alice } = await start({ QUEUE_TIMEOUT_SECONDS: '1', COMFYUI_URL: `http://127.0.0.1:${await freePort()}` });
  expect((await finishes(alice, (await create(alice)).id)).failure).toMatchObject({ code: 'TIMED_OUT' });
});

test('where ComfyUI runs nothing any more, a timeout is told after half a minute, and the place is free once it is back', async () => {
  const { app, alice } = await start({ GENERATION_TIMEOUT_SECONDS: '2' });
  app.simulator.at('node', 'die');
  const [first, second] = await occupy(app, alice);
  const third = await create(alice);

  const timedOut = await becomes(alice, first.id, 'FAILED', PATIENCE_MS);
  expect(timedOut.failure).toMatchObject({ code: 'TIMED_OUT' });
  await expectTrueEnd(app, timedOut);
  // Its prompt is still there, and counts.
  expect((await queueOf(app.simulator)).running).toHaveLength(1);
  await app.simulator.restart();
  await becomes(alice, second.id, 'COMPLETED');
  await becomes(alice, third.id, 'COMPLETED');
  await settles(app, first.id);
  expect(await read(alice, first.id)).toEqual(timedOut);
}, 120_000);

test('a cancel that ComfyUI cannot confirm is CANCELED after half a minute, and the prompt is closed once it is gone', async () => {
  const { app, alice } = await start({});
  app.simulator.at('node', 'die');
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  expect(await cancel(alice, id)).toMatchObject({ status: 'CANCELING' });
  const canceled = await becomes(alice, id, 'CANCELED', PATIENCE_MS);
  await expectTrueEnd(app, canceled);
  await app.simulator.restart();
  await settles(app, id);
  expect(await read(alice, id)).toEqual(canceled);
}, 120_000);
