/** What `/metrics` says of webhooks. */
import { accept, type Receiver, startReceiver, status } from '../deliveries/receiver.js';
import { createWebhook, LOOPBACK, QUICK } from '../deliveries/support.js';
import { becomes, create } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import type { TestTimings } from '../support/timings.js';
import { until } from '../support/until.js';
import { scrape, sumOf, TOKEN } from './scrape.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** Runs a generation of which the receiver is told once. */
async function announces(app: TestApp): Promise<void> {
  const alice = await signUp(app.url);
  await createWebhook(alice, receiver.url, ['GENERATION_COMPLETED']);
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
}

async function withApp(timings: TestTimings, act: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startTestApp({ env: { ...LOOPBACK, METRICS_TOKEN: TOKEN }, timings });
  try {
    await act(app);
  } finally {
    await app.close();
  }
}

const attempts = async (app: TestApp, end: string): Promise<number> =>
  sumOf(await scrape(app), 'comfygraph_delivery_attempts_total', { end }) ?? 0;

test('attempts are counted by their end', () =>
  withApp(QUICK, async (app) => {
    receiver.behavior = status(500);
    await announces(app);
    await until(async () => (await attempts(app, 'failed')) === 1, 'the delivery to be given up');
    expect(await attempts(app, 'retried')).toBe(9);
    receiver.behavior = accept;
    await announces(app);
    await until(async () => (await attempts(app, 'delivered')) === 1, 'the delivery to arrive');
  }));

test('a delivery that is due and not sent makes the deliveries late', () =>
  withApp({ ...QUICK, deliveryIntervalMs: 600_000 }, async (app) => {
    const late = async () => sumOf(await scrape(app), 'comfygraph_deliveries_late_seconds');
    expect(await late()).toBe(0);
    await announces(app);
    expect(await late()).toBeGreaterThan(0);
    await app.database.query('update webhooks set disabled_at = now()');
    expect(await late()).toBe(0);
  }));
