/** A ComfyUI whose worker died in the middle of a prompt answers on, and is noticed all the same. */
import type { Simulator } from '../../src/simulator/index.js';
import { becomes, create, type Snapshot } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { backendOf, homeOf, isLongOffline, isSeen, OFTEN } from './pool.js';

const REASON = 'It executes a prompt and gives no sign of life';

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

/** An undeclared input that is linked to a node that is not there: it is accepted, and ends the worker. */
const postDeadly = (simulator: Simulator) => {
  const image = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } };
  const preview = { class_type: 'PreviewImage', inputs: { images: ['1', 0], extra: ['99', 0] } };
  return fetch(`${simulator.url}/prompt`, {
    method: 'POST',
    body: JSON.stringify({ prompt: { '1': image, '2': preview } }),
  });
};

test('one whose worker dies in the middle of a job: OFFLINE with the reason, its work goes elsewhere, and it is taken again after a restart', async () => {
  const [dead, other] = app.simulators as [Simulator, Simulator];
  other.hold();
  // Both have work before anybody can know.
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

test('one that executes a stranger’s deadly graph is OFFLINE, and gets nothing', async () => {
  const [dead] = app.simulators as [Simulator, Simulator];
  expect((await postDeadly(dead)).status).toBe(200);
  expect((await isSeen(app, admin, dead, 'OFFLINE')).reason).toBe(REASON);
  const before = dead.journal.requests('POST /prompt');
  for (let nth = 0; nth < 3; nth += 1) await becomes(alice, (await create(alice)).id, 'COMPLETED');
  expect(dead.journal.requests('POST /prompt')).toBe(before);
});

test('one that is silent and then goes on is ONLINE again, and keeps its work', async () => {
  const [slow] = app.simulators as [Simulator, Simulator];
  slow.hold();
  const made = [await create(alice), await create(alice)];
  await isSeen(app, admin, slow, 'OFFLINE');
  slow.release();
  for (const { id } of made) expect((await becomes(alice, id, 'COMPLETED')).attempt).toBe(1);
  await isSeen(app, admin, slow, 'ONLINE');
});
