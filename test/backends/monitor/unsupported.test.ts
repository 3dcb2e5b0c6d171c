/**
 * An unsupported ComfyUI is OFFLINE with the requirement, and a permanent rejection is not retried.
 *
 * @slow: starts a server for most tests.
 */
import type { Simulator, SimulatorOptions } from '../../../src/simulator/index.js';
import { becomes, create, read, sql, tryCreate } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { isCheckedAgain, isSeen, OFTEN } from '../pool.js';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const NEEDED = 'ComfyUI 0.3.64 or newer is required';

let app: TestApp;
let alice: Client;
let admin: Client;
async function start(...simulator: SimulatorOptions[]): Promise<Simulator> {
  app = await startTestApp({
    simulator,
    timings: { ...OFTEN, probeIntervalMs: 600_000, maxProbeIntervalMs: 600_000 },
  });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
  return app.simulator;
}
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

const posts = (simulator: Simulator) => simulator.journal.requests('POST /prompt');
const crashes = async (id: string) =>
  (await sql(app, 'select crashes from generations where id = $1', [id]))[0]?.crashes;

test.each<[string, SimulatorOptions]>([
  ['is too old', { reportedVersion: '0.3.40' }],
  ['reports no version', { reportedVersion: null }],
  ['is a fork with a name', { reportedVersion: 'forge' }],
])('a ComfyUI that %s is OFFLINE with the requirement, and no prompt is submitted to it', async (_, options) => {
  const old = await start(options);
  expect((await isSeen(app, admin, old, 'OFFLINE')).reason).toContain(NEEDED);
  const { id } = await create(alice);
  await isCheckedAgain(app, admin, old, 4);
  expect(await read(alice, id)).toMatchObject({ status: 'PENDING', attempt: 0 });
  expect(posts(old)).toBe(0);
});

test('an unknown model is rejected although the catalogue of an unsupported ComfyUI is never read', async () => {
  const old = await start({ reportedVersion: '0.3.40' }, {});
  await isSeen(app, admin, old, 'OFFLINE');
  await isSeen(app, admin, app.simulators[1] as Simulator, 'ONLINE');
  const { errors } = await tryCreate(alice, { prompt: 'a hill', model: 'unknown' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
});

test('a ComfyUI without a history is OFFLINE, and no prompt is submitted to it', async () => {
  const fork = await start({});
  await isSeen(app, admin, fork, 'ONLINE');
  fork.at('history', { do: 'answer', status: 404, type: 'text/plain', body: '' }, ALWAYS);
  await fork.restart({ downMs: 300 });
  const { reason } = await isSeen(app, admin, fork, 'OFFLINE');
  await until(async () => (await isSeen(app, admin, fork, 'OFFLINE')).reason?.includes('/history/'), 'the reason');
  expect(reason).not.toBeNull();
  const { id } = await create(alice);
  expect((await read(alice, id)).status).toBe('PENDING');
  expect(posts(fork)).toBe(0);
});

test('a ComfyUI that replaces prompt ids gets one prompt, which is canceled, and is OFFLINE from then on', async () => {
  const fork = await start({ ignoresPromptIds: true }, {});
  const other = app.simulators[1] as Simulator;
  await isSeen(app, admin, fork, 'ONLINE');
  await isSeen(app, admin, other, 'ONLINE');
  other.hold();
  const made = [];
  for (let nth = 0; nth < 5; nth += 1) made.push(await create(alice));
  expect((await isSeen(app, admin, fork, 'OFFLINE')).reason).toContain(`${NEEDED}, which accepts the id of a prompt`);
  other.release();
  for (const { id } of made) {
    expect((await becomes(alice, id, 'COMPLETED')).attempt).toBe(1);
    expect(await crashes(id)).toBe(0);
  }
  expect(posts(fork)).toBeLessThanOrEqual(2);
});

test.each([
  [401, 'text/html', '<h1>Login</h1>'],
  [403, 'text/plain', ''],
  [404, 'text/plain', ''],
  [405, 'text/plain', '405: Method Not Allowed'],
  [400, 'text/html', '<h1>Bad Request</h1>'],
])('a POST /prompt that returned %i is not retried: the job runs elsewhere', async (status, type, body) => {
  const refusing = await start({}, {});
  for (const simulator of app.simulators) await isSeen(app, admin, simulator, 'ONLINE');
  refusing.at('prompt:before', { do: 'answer', status, type, body }, ALWAYS);
  const made = await Promise.all([create(alice), create(alice), create(alice)]);
  for (const { id } of made) {
    await becomes(alice, id, 'COMPLETED');
    expect(await crashes(id)).toBe(0);
  }
  expect((await isSeen(app, admin, refusing, 'OFFLINE')).reason).toBe(`POST /prompt returned ${status}`);
  expect(posts(refusing)).toBeLessThanOrEqual(2);
});

test('a ComfyUI that returns 500 for every POST /prompt is OFFLINE after a few, and the job runs elsewhere', async () => {
  const failing = await start({}, {});
  for (const simulator of app.simulators) await isSeen(app, admin, simulator, 'ONLINE');
  failing.at('prompt:before', { do: 'answer', status: 500, type: 'text/plain', body: 'trouble' }, ALWAYS);
  const made = await Promise.all([create(alice), create(alice), create(alice)]);
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  expect((await isSeen(app, admin, failing, 'OFFLINE')).reason).toBe(
    'ComfyUI accepts no prompts: POST /prompt returned 500',
  );
});

test('the error message of a node is stored whatever characters it has, without a crash', async () => {
  const simulator = await start({});
  await isSeen(app, admin, simulator, 'ONLINE');
  simulator.at('node', { do: 'fail', type: 'ValueError', message: 'NUL \0 and half a pair \ud800 and ❤️' });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'EXECUTION_ERROR' });
  expect(end.failure?.message).toContain('❤️');
  expect(await crashes(id)).toBe(0);
});
