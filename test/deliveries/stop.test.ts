/** A server that stops hands over the attempts that are under way. */
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { create, finish } from '../process/stories.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { until } from '../support/until.js';
import { accept, hang, type Receiver, startReceiver } from './receiver.js';
import { createWebhook, LOOPBACK, QUICK } from './support.js';

/** Longer than the test. */
const TIMINGS = { ...QUICK, deliveryTimeoutMs: 250_000, deliveryLeaseMs: 600_000 };

const processes = new Processes();
let simulator: Simulator;
let database: TestDatabase;
let receiver: Receiver;
beforeAll(async () => {
  simulator = await startSimulator({ stepMs: 5 });
  database = await createDatabase();
  receiver = await startReceiver(hang);
});
afterAll(async () => {
  await processes.end();
  await receiver.close();
  await simulator.close();
  await database.drop();
});

test('a delivery that is being sent when its server stops is sent again at once by the next server', async () => {
  const env = { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, ...LOOPBACK };
  const first = await processes.startServerHere({ env, timings: TIMINGS });
  const alice = await signUp(first.url);
  await createWebhook(alice, receiver.url);
  await finish(first.url, alice, await create(first.url, alice));
  await until(() => receiver.received.length === 1, 'the first attempt');
  await first.close();
  receiver.behavior = accept;
  await processes.startServerHere({ env: { ...env, DATA_DIR: first.dataDir }, timings: TIMINGS });
  await until(() => receiver.accepted.length === 2, 'both events to be accepted');
  const [aborted, again] = receiver.received;
  expect(again?.id).toBe(aborted?.id);
});
