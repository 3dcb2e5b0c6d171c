/**
 * A stalled prompt is ended; a slow prompt, or one without a socket, is not taken for stalled.
 *
 * @slow: waits for time limits.
 */
import { StallWatchdog } from '../../../src/generations/job/stall-watchdog.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { becomes, create, dataOf, expectTrueEnd, journalOf, QUICK, queueOf, reaches } from '../support.js';

/** The shortest limit that can be set. */
const LIMIT_SECONDS = 1;
/** Each ComfyUI has its own model, which routes a generation to it. */
const FIRST = { model: 'first' };
const SECOND = { model: 'second' };

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    env: { STALL_TIMEOUT_SECONDS: String(LIMIT_SECONDS) },
    simulator: [{ checkpoints: ['first.safetensors'] }, { checkpoints: ['second.safetensors'] }],
    timings: QUICK,
  });
  alice = await signUp(app.url);
  await until(async () => {
    const { models } = await dataOf(alice.ask('{ models(kind: CHECKPOINT) { available } }'));
    return models.length === 2 && models.every(({ available }: { available: boolean }) => available);
  }, 'both models to be known');
});
afterEach(() => {
  for (const simulator of app.simulators) simulator.heal();
});
afterAll(() => app.close());

/** A generation that hangs on the second ComfyUI from now on: it ends when the limit is over. */
async function hangs(): Promise<void> {
  const [, second] = app.simulators;
  second?.at('step', 'hold', { skip: 2 });
  const { id } = await create(alice, { ...SECOND, steps: 10 });
  const interrupts = () => second?.journal.requests('POST /interrupt') ?? 0;
  const before = interrupts();
  await until(() => interrupts() > before, 'the interrupt');
  second?.heal();
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'TIMED_OUT', retryable: true });
  expect(end.failure?.message).toContain(`${LIMIT_SECONDS} second`);
  await expectTrueEnd(app, end);
}

test('a node that hangs is interrupted and TIMED_OUT, and the next job runs', async () => {
  await hangs();
  // Without messages the watchdog does not start, however slow the machine is.
  app.simulators[1]?.mute();
  await becomes(alice, (await create(alice, SECOND)).id, 'COMPLETED');
  for (const simulator of app.simulators) expect(await queueOf(simulator)).toEqual({ running: [], pending: [] });
});

test('slow progress, for far longer than the limit in all, does not end a generation', async () => {
  jest.useFakeTimers();
  const stalled = jest.fn();
  const watchdog = new StallWatchdog(LIMIT_SECONDS, stalled);
  for (let step = 0; step < 10; step += 1) {
    watchdog.restart();
    await jest.advanceTimersByTimeAsync(LIMIT_SECONDS * 900);
  }
  expect(stalled).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(LIMIT_SECONDS * 100);
  expect(stalled).toHaveBeenCalledTimes(1);
  jest.useRealTimers();
});

test('every reported step restarts the watchdog', async () => {
  const restarted = jest.spyOn(StallWatchdog.prototype, 'restart');
  const own = await startTestApp();
  try {
    const client = await signUp(own.url);
    own.simulator.at('step', 'hold');
    const { id } = await create(client, { steps: 8 });
    await own.simulator.held();
    for (let step = 1; step <= 4; step += 1) {
      const before = restarted.mock.calls.length;
      await own.simulator.advance();
      await until(() => restarted.mock.calls.length > before, 'the watchdog to be restarted');
    }
    own.simulator.release();
    await becomes(client, id, 'COMPLETED');
    expect(await journalOf(own, id)).toMatchObject({ executed: 1, interrupted: 0 });
  } finally {
    restarted.mockRestore();
    await own.close();
  }
});

test('a prompt that waits behind a stalled one is not taken for stalled', async () => {
  app.simulator.hold();
  const runs = await create(alice, { ...FIRST, steps: 10 });
  await reaches(app, runs.id, 'running');
  const behind = await create(alice, FIRST);
  await reaches(app, behind.id, 'pending');
  // From here on the first prompt hangs: the limit ends for both.
  await app.simulator.advance();
  expect((await journalOf(app, behind.id)).received).toBe(1);
  await until(() => app.simulator.journal.requests('POST /interrupt') > 0, 'the interrupt');
  app.simulator.mute();
  app.simulator.release();
  expect((await becomes(alice, runs.id, 'FAILED')).failure).toMatchObject({ code: 'TIMED_OUT' });
  await becomes(alice, behind.id, 'COMPLETED');
  expect(await journalOf(app, behind.id)).toMatchObject({ received: 1, executed: 1, interrupted: 0 });
});

test('the silence of a socket that never named the prompt is not a stall', async () => {
  app.simulator.mute();
  app.simulator.hold();
  const { id } = await create(alice, FIRST);
  await reaches(app, id, 'running');
  // Waits at least as long as a stalled prompt needs to be ended.
  await hangs();
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  expect(await journalOf(app, id)).toMatchObject({ executed: 1, interrupted: 0 });
});
