/** A pool of ComfyUIs of several versions: all run the same generations. */
import { VERSIONS } from '../../src/simulator/version.js';
import { becomes, create, interrupt } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { executedBy, OFTEN } from './pool.js';

let app: TestApp;
let alice: Client;
beforeEach(async () => {
  app = await startTestApp({ simulator: VERSIONS.map((version) => ({ version })), timings: OFTEN });
  alice = await signUp(app.url);
  await allOnline(alice);
  for (const simulator of app.simulators) simulator.hold();
});
afterEach(() => app.close());

const oneOnEach = async () => {
  const made = [await create(alice), await create(alice), await create(alice)];
  await Promise.all(app.simulators.map((simulator) => simulator.held()));
  return made;
};

test('three generations run on three versions, one on each, and all complete', async () => {
  const made = await oneOnEach();
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  const executed = await Promise.all(made.map(({ id }) => executedBy(app, id)));
  for (const nth of VERSIONS.keys()) expect(executed.filter((counts) => counts[nth] === 1)).toHaveLength(1);
});

test('a running generation is canceled on every version', async () => {
  const made = await oneOnEach();
  for (const { id } of made) await interrupt(app, alice, id);
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of made) await becomes(alice, id, 'CANCELED');
});
