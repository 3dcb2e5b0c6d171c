/**
 * Several servers share one database and one ComfyUI: one server at a time holds a job, and the job survives it.
 *
 * @slow: starts several servers.
 */
import type { App } from '../../src/app.js';
import { becomes, cancel, create, follow, journalOf, occupy, reaches, read, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import type { TestTimings } from '../support/timings.js';
import { until } from '../support/until.js';

const LEASE_MS = 3_000;
const OFTEN = {
  heartbeatIntervalMs: 200,
  sweepIntervalMs: 100,
  comfyui: { retryDelayMs: 20, maxRetryDelayMs: 100, recheckIntervalMs: 200 },
};
const SHORT_LEASE = { ...OFTEN, leaseMs: LEASE_MS, idleTransactionTimeoutMs: 2_000 };

let app: TestApp;
let second: App;
let alice: Client;
const start = async (timings: TestTimings) => {
  app = await startTestApp({ timings });
  second = await app.startAnother();
  alice = await signUp(app.url);
};
afterEach(async () => {
  app.simulator.heal();
  await second.close();
  await app.close();
});

const crashesOf = async (id: string) =>
  (await sql<{ crashes: number }>(app, 'select crashes from generations where id = $1', [id]))[0]?.crashes;

test('two servers share the work, and each generation is executed once', async () => {
  await start(OFTEN);
  const there = clientOf(second.url, alice.token);
  const made = await Promise.all(Array.from({ length: 8 }, (_, index) => create(index % 2 ? alice : there)));
  for (const { id } of made) {
    await becomes(alice, id, 'COMPLETED');
    expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1 });
    expect(await crashesOf(id)).toBe(0);
  }
});

test('another server continues the jobs of a server that is shut down, without executing them again', async () => {
  await start(OFTEN);
  const there = clientOf(second.url, alice.token);
  app.simulator.hold();
  const [{ id }, behind] = await occupy(app, there);
  await second.close();
  const watching = follow(app, alice, id);
  app.simulator.release();
  await watching.ended;
  expect(watching.seen.at(-1)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, interrupted: 0 });
  expect(await crashesOf(id)).toBe(0);
  await becomes(alice, behind.id, 'COMPLETED');
  expect(await journalOf(app, behind.id)).toMatchObject({ received: 1, executed: 1 });
});

test('a cancel through a server that does not hold the job stops the job', async () => {
  await start(OFTEN);
  app.simulator.hold();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  const before = app.simulator.journal.requests('POST /interrupt');
  await sql(
    app,
    `update generations set status = 'CANCELING', revision = revision + 1, updated_at = now() where id = $1`,
    [id],
  );
  await until(() => app.simulator.journal.requests('POST /interrupt') > before, 'the interrupt');
  app.simulator.release();
  await becomes(alice, id, 'CANCELED');
  await cancel(alice, id);
});

test('a server whose lock connection breaks takes a new boot number, and its jobs continue', async () => {
  await start(OFTEN);
  app.simulator.hold();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  const locks = () =>
    sql<{ pid: number }>(
      app,
      `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
  const before = (await locks()).map(({ pid }) => pid);
  expect(before).toHaveLength(2);
  await sql(app, 'select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [before]);
  await until(
    async () => (await locks()).filter(({ pid }) => !before.includes(pid)).length === 2,
    'new advisory locks',
  );
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, interrupted: 0 });
});

test('a server keeps a job that reports nothing for longer than its lease', async () => {
  await start(SHORT_LEASE);
  app.simulator.hold();
  const { id } = await create(alice);
  await reaches(app, id, 'running');
  const isOld = () =>
    sql(
      app,
      `select from prompts where generation_id = $1 and ended_at is null and lease_until > created_at + 2 * $2 * interval '1 ms'`,
      [id, LEASE_MS],
    );
  await until(async () => (await isOld()).length > 0, 'the lease to be renewed beyond its first end');
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  expect(await sql(app, 'select fence, crashes from generations where id = $1', [id])).toEqual([
    { fence: 1, crashes: 0 },
  ]);
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1 });
});

test('a cancel requested before a server is shut down is completed by another server', async () => {
  await start(OFTEN);
  const there = clientOf(second.url, alice.token);
  app.simulator.hold();
  const { id } = await create(there);
  await reaches(app, id, 'running');
  const every = { times: Number.POSITIVE_INFINITY, where: { route: 'POST /interrupt' } };
  const letThrough = app.simulator.at('request', 'reset', every);
  expect(await cancel(there, id)).toMatchObject({ status: 'CANCELING' });
  await second.close();
  expect(await read(alice, id)).toMatchObject({ status: 'CANCELING' });
  const before = app.simulator.journal.requests('POST /interrupt');
  letThrough();
  await until(() => app.simulator.journal.requests('POST /interrupt') > before, 'the interrupt');
  app.simulator.release();
  await becomes(alice, id, 'CANCELED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, succeeded: 0 });
});
