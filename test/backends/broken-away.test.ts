/**
 * A broken backend that responds finishes its probe, however long it has been broken. A prompt that it kept while it was away does not
 * prevent the next probe.
 *
 * @slow: starts an app for each test, as a broken backend stays broken.
 */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, create, read, settles, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { backendOf, cut, isCheckedAgain, isLongOffline, isSeen, nameOf, OFTEN } from './pool.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };

let app: TestApp;
let alice: Client;
let admin: Client;
let broken: Simulator;
/** The first backend is broken, but its next prompt would succeed. */
beforeEach(async () => {
  app = await startTestApp({
    simulator: [{ stepMs: 1 }, { stepMs: 1 }],
    timings: {
      ...OFTEN,
      sweepIntervalMs: 25,
      heartbeatIntervalMs: 20,
      promptRetryDelayMs: 5,
      probeIntervalMs: 600_000,
      maxProbeIntervalMs: 600_000,
    },
  });
  [alice, admin] = await Promise.all([signUp(app.url), signUp(app.url, ADMIN_EMAIL)]);
  await allOnline(alice);
  const sound = app.simulators[1] as Simulator;
  broken = app.simulators[0] as Simulator;
  const mend = broken.at('node', { do: 'fail', message: 'cuDNN error: CUDNN_STATUS_INTERNAL_ERROR' }, ALWAYS);
  // Otherwise it could be quick enough to leave nothing for the broken one to fail.
  sound.hold();
  const made = await Promise.all(Array.from({ length: 8 }, () => create(alice)));
  await isSeen(app, admin, broken, 'OFFLINE');
  sound.release();
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  mend();
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

/** Makes the next probe due. Returns a generation that is held at its first node as the probe. */
async function holdProbe(): Promise<string> {
  broken.hold();
  await sql(app, 'update backends set probe_at = now() where name = $1', [nameOf(app, broken)]);
  const { id } = await create(alice);
  await broken.held();
  return id;
}

/** Waits until the broken backend is known not to respond. */
const isAway = () =>
  until(
    async () => !(await backendOf(app, admin, broken)).reason?.startsWith('The last prompts failed'),
    'the backend to be away',
  );

test('a backend that has been broken for more than a minute keeps its probe, and is ONLINE once the probe succeeds', async () => {
  const id = await holdProbe();
  await isLongOffline(app, alice, broken);
  await isCheckedAgain(app, alice, broken, 4);
  expect(await read(alice, id)).toMatchObject({ status: 'PROCESSING', attempt: 1 });
  broken.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  await isSeen(app, admin, broken, 'ONLINE');
});

test('a backend that has been broken for more than a minute keeps its probe when it misses a check', async () => {
  const id = await holdProbe();
  await isLongOffline(app, alice, broken);
  const comesBack = cut(broken);
  await isAway();
  await isCheckedAgain(app, alice, app.simulators[1] as Simulator, 6);
  expect(await sql(app, 'select from prompts where abandoned_at is not null')).toEqual([]);
  comesBack();
  broken.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  await isSeen(app, admin, broken, 'ONLINE');
});

test('a prompt that a broken backend kept while it was away is canceled when it responds, and it is probed again', async () => {
  const id = await holdProbe();
  const comesBack = cut(broken);
  await isAway();
  await isLongOffline(app, alice, broken);
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  comesBack();
  broken.release();
  await settles(app, id);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  await isSeen(app, admin, broken, 'ONLINE');
});
