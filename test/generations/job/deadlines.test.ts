/**
 * Time limits: a generation that waits or runs too long ends as TIMED_OUT and frees its slot.
 *
 * @slow: waits for time limits.
 */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { freePort } from '../../support/free-port.js';
import type { TestTimings } from '../../support/timings.js';
import { until } from '../../support/until.js';
import {
  becomes,
  cancel,
  create,
  expectTrueEnd,
  finishes,
  follow,
  journalOf,
  occupy,
  QUICK,
  queueOf,
  reaches,
  read,
  settles,
  sql,
} from '../support.js';

/** The shortest limit that can be set. Generations that must not time out have the prompt HAS_TIME. */
const LIMIT_SECONDS = '1';
const HAS_TIME = { prompt: 'it has time' };
/** After this time a generation is CANCELED although the backend has not confirmed it. */
const SOON = { ...QUICK, cancelConfirmTimeoutMs: 400 };

const apps: TestApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) {
    app.simulator.heal();
    await app.close();
  }
});

async function start(
  env: Record<string, string>,
  timings: TestTimings = QUICK,
): Promise<{ app: TestApp; alice: Client }> {
  const app = await startTestApp({ env, timings });
  apps.push(app);
  // Moves its creation and its start an hour ahead.
  await sql(
    app,
    `create function give_time() returns trigger language plpgsql as $$ begin
       new.created_at = now() + interval '1 hour';
       if new.started_at is not null then new.started_at = now() + interval '1 hour'; end if;
       return new; end $$`,
  );
  await sql(
    app,
    `create trigger give_time before insert or update on generations
       for each row when (new.prompt = '${HAS_TIME.prompt}') execute function give_time()`,
  );
  return { app, alice: await signUp(app.url) };
}

test('a generation that runs longer than GENERATION_TIMEOUT_SECONDS is TIMED_OUT, and its prompt is interrupted', async () => {
  const { app, alice } = await start({ GENERATION_TIMEOUT_SECONDS: LIMIT_SECONDS });
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

test('a generation that waits longer than QUEUE_TIMEOUT_SECONDS is TIMED_OUT, and running ones continue', async () => {
  const { app, alice } = await start({ QUEUE_TIMEOUT_SECONDS: LIMIT_SECONDS });
  app.simulator.hold();
  const [runs, isNext] = await occupy(app, alice, HAS_TIME);
  const waits = await create(alice);
  const watching = follow(app, alice, waits.id);
  const end = await becomes(alice, waits.id, 'FAILED');
  expect(end).toMatchObject({ failure: { code: 'TIMED_OUT', retryable: true }, attempt: 0, startedAt: null });
  await expectTrueEnd(app, end);
  await watching.ended;
  expect(watching.seen.at(-1)).toEqual(end);

  // A generation whose prompt is in ComfyUI's queue waits as well. If the machine is frozen for a second, none reaches ComfyUI in time.
  await cancel(alice, isNext.id);
  await becomes(alice, isNext.id, 'CANCELED');
  const inComfyUI = await until(async () => {
    const { id } = await create(alice);
    const end = await becomes(alice, id, 'FAILED');
    await settles(app, id);
    return (await journalOf(app, id)).received > 0 && end;
  }, 'a generation to time out in the queue of ComfyUI');
  expect(inComfyUI.failure).toMatchObject({ code: 'TIMED_OUT' });
  expect(await journalOf(app, inComfyUI.id)).toMatchObject({ executed: 0, deleted: 1 });
  app.simulator.release();
  await becomes(alice, runs.id, 'COMPLETED');
});

test('QUEUE_TIMEOUT_SECONDS also counts while ComfyUI is away', async () => {
  const { alice } = await start({
    QUEUE_TIMEOUT_SECONDS: LIMIT_SECONDS,
    COMFYUI_URL: `http://127.0.0.1:${await freePort()}`,
  });
  expect((await finishes(alice, (await create(alice)).id)).failure).toMatchObject({ code: 'TIMED_OUT' });
});

test('a timeout ends the generation although ComfyUI runs nothing, and the slot is free when ComfyUI runs again', async () => {
  const { app, alice } = await start({ GENERATION_TIMEOUT_SECONDS: LIMIT_SECONDS }, SOON);
  app.simulator.at('node', 'die');
  const first = await create(alice);
  await reaches(app, first.id, 'running');
  const second = await create(alice, HAS_TIME);
  await reaches(app, second.id, 'pending');
  const third = await create(alice, HAS_TIME);

  const timedOut = await becomes(alice, first.id, 'FAILED');
  expect(timedOut.failure).toMatchObject({ code: 'TIMED_OUT' });
  await expectTrueEnd(app, timedOut);
  // Its prompt is still in ComfyUI, and keeps its slot.
  expect((await queueOf(app.simulator)).running).toHaveLength(1);
  await app.simulator.restart();
  await becomes(alice, second.id, 'COMPLETED');
  await becomes(alice, third.id, 'COMPLETED');
  await settles(app, first.id);
  expect(await read(alice, first.id)).toEqual(timedOut);
});

test('a cancel that ComfyUI cannot confirm ends CANCELED, and the prompt ends when it is gone', async () => {
  const { app, alice } = await start({}, SOON);
  app.simulator.at('node', 'die');
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  expect(['CANCELING', 'CANCELED']).toContain((await cancel(alice, id)).status);
  const canceled = await becomes(alice, id, 'CANCELED');
  await expectTrueEnd(app, canceled);
  await app.simulator.restart();
  await settles(app, id);
  expect(await read(alice, id)).toEqual(canceled);
});
