/**
 * A backend whose prompts all fail is OFFLINE with the reason, and gets single jobs as probes. Its jobs run elsewhere or wait.
 *
 * @slow: starts an app for each test, as a broken backend stays broken.
 */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, create, finishes, journalOf, read, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { backendOf, executedBy, isSeen, nameOf, OFTEN } from './pool.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
/** No probe is due within a test. */
const NO_PROBE = { probeIntervalMs: 600_000, maxProbeIntervalMs: 600_000 };

let app: TestApp;
let alice: Client;
let admin: Client;
async function start(simulators: number, timings: object = {}): Promise<void> {
  app = await startTestApp({
    simulator: Array.from({ length: simulators }, () => ({ stepMs: 1 })),
    timings: {
      ...OFTEN,
      backendCheckIntervalMs: 25,
      sweepIntervalMs: 25,
      promptRetryDelayMs: 5,
      ...NO_PROBE,
      ...timings,
    },
  });
  [alice, admin] = await Promise.all([signUp(app.url), signUp(app.url, ADMIN_EMAIL)]);
  await allOnline(alice);
}
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

const spoil = (simulator: Simulator, type: string, message: string) =>
  simulator.at('node', { do: 'fail', type, message }, ALWAYS);
/** Makes a probe due, and the jobs that wait for one. */
const letProbe = async (simulator: Simulator) => {
  await sql(app, 'update backends set probe_at = now() where name = $1', [nameOf(app, simulator)]);
  await sql(app, 'update generations set run_after = now(), avoids_until = null');
};
const prompts = (simulator: Simulator) => Object.keys(simulator.journal.snapshot().prompts).length;
const many = (count: number) => Promise.all(Array.from({ length: count }, () => create(alice)));
const allComplete = async (made: { id: string }[]) => {
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
};

/** Creates generations, and completes them on the sound backend once the broken one is OFFLINE: it fails as many as it takes for that. */
async function breaks(broken: Simulator, sound: Simulator): Promise<{ reason: string | null; made: { id: string }[] }> {
  // Otherwise it could be quick enough to leave too few.
  sound.hold();
  const made = await many(8);
  const { reason } = await isSeen(app, admin, broken, 'OFFLINE');
  sound.release();
  await allComplete(made);
  return { reason, made };
}

test.each([
  ['torch.AcceleratorError', 'CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be …'],
  ['OSError', '[Errno 28] No space left on device'],
  ['KeyError', "'something that nobody has heard of'"],
])('a backend that fails its prompts with %s is OFFLINE, and its jobs run on the other: %s', async (type, message) => {
  await start(2);
  const [broken, sound] = app.simulators as [Simulator, Simulator];
  spoil(broken, type, message);
  const { reason, made } = await breaks(broken, sound);
  expect(reason).toMatch(/^The last prompts failed: /);
  expect(reason).toContain(message.slice(0, 20));
  expect((await backendOf(app, alice, broken)).reason).toBeNull();
  expect((await backendOf(app, admin, sound)).state).toBe('ONLINE');
  const failed = Object.values(broken.journal.snapshot().prompts).reduce((sum, prompt) => sum + prompt.failed, 0);
  // Three strikes, and prompts that were already in its queue.
  expect(failed).toBeLessThanOrEqual(5);
  for (const { id } of made) expect((await read(alice, id)).attempt).toBeLessThanOrEqual(2);
});

test('a broken backend is probed with one job, which runs elsewhere when the probe fails, and is ONLINE once a probe succeeds', async () => {
  await start(2);
  const [broken, sound] = app.simulators as [Simulator, Simulator];
  const mend = spoil(broken, 'RuntimeError', 'cuDNN error: CUDNN_STATUS_INTERNAL_ERROR');
  await breaks(broken, sound);
  const before = prompts(broken);
  await letProbe(broken);
  await allComplete(await many(6));
  expect(prompts(broken)).toBe(before + 1);
  expect((await backendOf(app, admin, broken)).state).toBe('OFFLINE');
  mend();
  await letProbe(broken);
  await allComplete(await many(2));
  await isSeen(app, admin, broken, 'ONLINE');
  expect((await backendOf(app, admin, broken)).reason).toBeNull();
});

test('jobs of a ComfyUI that dies over each prompt complete on another', async () => {
  await start(2);
  const [dying] = app.simulators as [Simulator, Simulator];
  dying.at('node', 'restart', ALWAYS);
  for (const { id } of await many(4)) await becomes(alice, id, 'COMPLETED');
  const made = Object.values(dying.journal.snapshot().prompts).filter(({ succeeded }) => succeeded > 0);
  expect(made).toEqual([]);
});

test('with a single backend, jobs wait while it is broken, none fails, and all complete after it is repaired', async () => {
  // A generation that used all of its attempts before others have failed is FAILED, rightly: nothing shows that the backend is at fault.
  await start(1, { promptRetryDelayMs: 1_000 });
  const mend = spoil(app.simulator, 'torch.AcceleratorError', 'CUDA error: unspecified launch failure');
  app.simulator.hold();
  const made = await many(6);
  app.simulator.release();
  await isSeen(app, admin, app.simulator, 'OFFLINE');
  const before = prompts(app.simulator);
  await letProbe(app.simulator);
  await until(() => prompts(app.simulator) > before, 'a probe');
  for (const { id } of made) expect((await read(alice, id)).status).not.toBe('FAILED');
  mend();
  // After a restart the next probe is due at once.
  await app.simulator.restart({ downMs: 300 });
  await sql(app, 'update generations set run_after = now()');
  await allComplete(made);
  await isSeen(app, admin, app.simulator, 'ONLINE');
});

test('a graph that fails on two backends is FAILED after the second, and both stay ONLINE', async () => {
  await start(2);
  for (const simulator of app.simulators) spoil(simulator, 'ValueError', 'mat1 and mat2 shapes cannot be multiplied');
  for (let nth = 0; nth < 4; nth += 1) {
    const end = await finishes(alice, (await create(alice)).id);
    expect(end).toMatchObject({ status: 'FAILED', attempt: 2, failure: { code: 'EXECUTION_ERROR' } });
    expect(await executedBy(app, end.id)).toEqual([1, 1]);
  }
  await allOnline(alice);
});

test('a job that fails on every backend is FAILED after its last attempt', async () => {
  await start(1);
  spoil(app.simulator, 'torch.AcceleratorError', 'CUDA error: device-side assert triggered');
  const end = await finishes(alice, (await create(alice)).id);
  expect(end).toMatchObject({ status: 'FAILED', attempt: 3, failure: { code: 'EXECUTION_ERROR', retryable: true } });
  expect(await journalOf(app, end.id)).toMatchObject({ executed: 3 });
});

test('immediate failures of a graph that succeeded before count against a single backend', async () => {
  await start(1);
  await allComplete(await many(1));
  const mend = spoil(app.simulator, 'KeyError', "'unheard of'");
  const made = await many(8);
  await isSeen(app, admin, app.simulator, 'OFFLINE');
  // A prompt that was already in its queue fails later, and its job would wait for the next probe.
  await until(
    async () => (await sql(app, 'select from prompts where ended_at is null')).length === 0,
    'no open prompt',
  );
  mend();
  await letProbe(app.simulator);
  const ends = await Promise.all(made.map(({ id }) => finishes(alice, id)));
  expect(ends.filter(({ status }) => status === 'FAILED').length).toBeLessThanOrEqual(2);
});
