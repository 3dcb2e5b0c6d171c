/**
 * A ComfyUI whose worker died during a prompt still responds, and is detected nevertheless.
 *
 * @slow: waits until a worker counts as dead.
 */
import type { Simulator } from '../../../src/simulator/index.js';
import { becomes, create, type Snapshot } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { backendOf, homeOf, isLongOffline, isSeen, OFTEN } from '../pool.js';

const REASON = 'ComfyUI executes a prompt but shows no sign of life';

let app: TestApp;
let alice: Client;
let admin: Client;
beforeEach(async () => {
  app = await startTestApp({ simulator: [{}, {}], timings: { ...OFTEN, silentBackendTimeoutMs: 700 } });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(alice);
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

/** Submits a graph with an undeclared input that links to a missing node: ComfyUI accepts it, and its worker dies. */
const postDeadly = (simulator: Simulator) => {
  const image = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } };
  const preview = { class_type: 'PreviewImage', inputs: { images: ['1', 0], extra: ['99', 0] } };
  return fetch(`${simulator.url}/prompt`, {
    method: 'POST',
    body: JSON.stringify({ prompt: { '1': image, '2': preview } }),
  });
};

test('a backend whose worker dies during a job is OFFLINE with the reason: its jobs run elsewhere, and a restart makes it ONLINE', async () => {
  const [dead, other] = app.simulators as [Simulator, Simulator];
  other.hold();
  // Both have jobs before the fault can be found.
  const made: Snapshot[] = [];
  dead.hold();
  for (let nth = 0; nth < 4; nth += 1) made.push(await create(alice));
  const homes = await Promise.all(made.map(async ({ id }) => (await homeOf(app, id))[0]));
  const stuck = made.filter((_, nth) => homes[nth] === dead);
  expect(stuck.length).toBeGreaterThan(0);
  dead.at('node', 'die');
  dead.release();
  expect((await isSeen(app, admin, dead, 'OFFLINE')).reason).toBe(REASON);
  other.release();
  await isLongOffline(app, alice, dead);
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  expect((await backendOf(app, admin, dead)).reason).toBe(REASON);
  await dead.restart();
  await isSeen(app, alice, dead, 'ONLINE');
});

test('a backend whose worker another client’s graph has killed is OFFLINE, and gets no jobs', async () => {
  const [dead] = app.simulators as [Simulator, Simulator];
  expect((await postDeadly(dead)).status).toBe(200);
  expect((await isSeen(app, admin, dead, 'OFFLINE')).reason).toBe(REASON);
  const before = dead.journal.requests('POST /prompt');
  for (let nth = 0; nth < 3; nth += 1) await becomes(alice, (await create(alice)).id, 'COMPLETED');
  expect(dead.journal.requests('POST /prompt')).toBe(before);
});

test('a backend that was silent and makes progress is ONLINE again, and keeps its jobs', async () => {
  const [slow] = app.simulators as [Simulator, Simulator];
  slow.hold();
  const made = [await create(alice), await create(alice)];
  await isSeen(app, admin, slow, 'OFFLINE');
  slow.release();
  for (const { id } of made) expect((await becomes(alice, id, 'COMPLETED')).attempt).toBe(1);
  await isSeen(app, admin, slow, 'ONLINE');
});
