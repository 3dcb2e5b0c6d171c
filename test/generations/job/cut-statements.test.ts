/** A statement whose connection to PostgreSQL is cut is retried. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { startTunnel, type Tunnel } from '../../support/tunnel.js';
import { until } from '../../support/until.js';
import { becomes, cancel, create, QUICK, reaches } from '../support.js';

const QUICK_STOP = { ...QUICK, cancelConfirmTimeoutMs: 400 };

let database: TestDatabase;
let tunnel: Tunnel;
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  database = await createDatabase();
  tunnel = await startTunnel(database.url);
});
async function start(env: Record<string, string> = {}): Promise<void> {
  const started = await startTestApp({ env: { DATABASE_URL: tunnel.url, ...env }, timings: QUICK_STOP });
  app = { ...started, database };
  app.simulator.hold();
  alice = await signUp(app.url);
}
afterEach(async () => {
  app.simulator.heal();
  await app.close();
});
afterAll(async () => {
  tunnel.close();
  await database.drop();
});

test('a time limit holds although the statements that read the age were cut', async () => {
  await start({ GENERATION_TIMEOUT_SECONDS: '1' });
  tunnel.cutAt('clock_timestamp() - coalesce(started_at, created_at)', 2);
  const { id } = await create(alice);
  expect(await becomes(alice, id, 'FAILED')).toMatchObject({ failure: { code: 'TIMED_OUT' } });
  expect(tunnel.cutsLeft).toBe(0);
});

test('a prompt is interrupted although the statement that records the cancel was cut', async () => {
  await start();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  tunnel.cutAt('"stop_asked_at" = coalesce(stop_asked_at');
  await cancel(alice, id);
  await until(() => app.simulator.journal.requests('POST /interrupt') > 0, 'the prompt to be interrupted');
  await becomes(alice, id, 'CANCELED');
  expect(tunnel.cutsLeft).toBe(0);
});

test('an unconfirmed cancel ends CANCELED in time although the statement that writes it was cut', async () => {
  await start();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  await app.simulator.down();
  tunnel.cutAt("status = 'CANCELED'");
  await cancel(alice, id);
  await becomes(alice, id, 'CANCELED');
  expect(tunnel.cutsLeft).toBe(0);
  await app.simulator.up();
});
