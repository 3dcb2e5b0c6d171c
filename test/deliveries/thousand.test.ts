/**
 * A thousand deliveries, four of five to receivers that hang, fail, redirect or drop connections, and a server that is killed meanwhile.
 *
 * @slow: starts a server as a process, and waits for retries.
 */
import { randomUUID } from 'node:crypto';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { create, finish } from '../process/stories.js';
import { signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { copyGenerations } from '../support/rows.js';
import { until } from '../support/until.js';
import { accept, type Behavior, drop, hang, type Receiver, startReceiver, status } from './receiver.js';
import { createWebhook, LOOPBACK } from './support.js';

const GENERATIONS = 100;
const EVENTS = 2;
/** Ten attempts take minutes, longer than the receivers misbehave. */
const TIMINGS = {
  deliveryIntervalMs: 50,
  deliveryPauseMs: 5,
  deliveryTimeoutMs: 300,
  deliveryLeaseMs: 1_000,
  deliveryRetryDelayMs: 5,
};

const processes = new Processes();
let simulator: Simulator;
let database: TestDatabase;
let healthy: Receiver;
let misbehaving: Receiver[];
/** Where redirects lead. */
let trap: Receiver;
beforeAll(async () => {
  simulator = await startSimulator({ stepMs: 5 });
  database = await createDatabase();
  healthy = await startReceiver();
  trap = await startReceiver();
  const behaviors: Behavior[] = [hang, status(500), drop, redirectTwice];
  misbehaving = await Promise.all(behaviors.map((behavior) => startReceiver(behavior)));
});
afterAll(async () => {
  await processes.end();
  for (const each of [healthy, trap, ...misbehaving, simulator]) await each.close();
  await database.drop();
});

let redirects = 0;
const redirectTwice: Behavior = (...request) => {
  redirects += 1;
  const location = redirects % 2 === 0 ? trap.url : 'http://169.254.169.254/latest/meta-data';
  status(307, { location })(...request);
};

/** The generations whose end was sent before their start had been accepted. */
const disorderIn = ({ received, accepted }: Receiver): string[] => {
  const starts = new Map(
    accepted.filter(({ type }) => type === 'generation.started').map(({ data, acceptedAt }) => [data.id, acceptedAt]),
  );
  const ends = received.filter(({ type }) => type === 'generation.completed');
  return ends.filter(({ data, receivedAt }) => receivedAt < (starts.get(data.id) ?? 0)).map(({ data }) => data.id);
};

test('none is lost or out of order, no healthy receiver and no job waits, and a killed server loses none', async () => {
  const env = { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, ...LOOPBACK };
  const killed = await processes.startServerProcess({ env, timings: TIMINGS });
  const alice = await signUp(killed.url);
  const original = await create(killed.url, alice);
  await finish(killed.url, alice, original);
  for (const { url } of [healthy, ...misbehaving])
    await createWebhook(alice, url, ['GENERATION_STARTED', 'GENERATION_COMPLETED']);
  const ids = Array.from({ length: GENERATIONS }, () => String(randomUUID()));
  const all = new Set(ids);
  const isNew = { status: 'PENDING', attempt: 0, started_at: null, completed_at: null };
  await copyGenerations(
    database.url,
    original,
    ids.map((id) => ({ id, ...isNew })),
  );
  const ofAll = 'where id = any($1::uuid[])';
  await database.query(`update generations set status = 'PROCESSING', started_at = now() ${ofAll}`, [ids]);
  await until(
    () => healthy.accepted.length > 20 && misbehaving.every(({ received }) => received.length > 0),
    'the middle',
  );
  await database.query(`update generations set status = 'COMPLETED', completed_at = now() ${ofAll}`, [ids]);
  killed.kill('SIGKILL');
  await killed.ended;

  const next = await processes.startServerHere({ env: { ...env, DATA_DIR: killed.dataDir }, timings: TIMINGS });
  const expected = GENERATIONS * EVENTS;
  const delivered = async (isMisbehaving: boolean) => {
    const urls = isMisbehaving ? misbehaving.map(({ url }) => url) : [healthy.url];
    const rows = await database.query<{ count: number }>(
      `select count(*)::int from deliveries d join webhooks w on w.id = d.webhook_id
       where d.state = 'DELIVERED' and w.url = any($1) and d.generation_id = any($2::uuid[])`,
      [urls, ids],
    );
    return rows[0]?.count ?? 0;
  };
  await until(async () => (await delivered(false)) === expected, 'the healthy receiver to have them all');
  expect(await delivered(true)).toBe(0);
  expect(await finish(next.url, alice, await create(next.url, alice))).toMatchObject({ status: 'COMPLETED' });

  for (const each of misbehaving) each.behavior = accept;
  // Those that are being sent are due again in a second.
  await database.query(
    `update deliveries set next_attempt_at = now() where state = 'PENDING' and next_attempt_at > now() + interval '2 s'`,
  );
  await until(async () => (await delivered(true)) === misbehaving.length * expected, 'all to be delivered');
  for (const receiver of [healthy, ...misbehaving]) {
    const accepted = receiver.accepted.filter(({ data }) => all.has(data.id));
    expect(new Set(accepted.map(({ id, data, type }) => `${id} ${data.id} ${type}`)).size).toBe(expected);
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(expected);
    expect(disorderIn(receiver)).toEqual([]);
  }
  expect(redirects).toBeGreaterThan(1);
  expect(trap.received).toEqual([]);
});
