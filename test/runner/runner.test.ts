/** The runs of a process: which it renews and awaits, and which of their ends count as crashes. */
import { openDatabase } from '../../src/orm.js';
import { Dispatcher } from '../../src/runner/dispatcher.js';
import type { Job } from '../../src/runner/leases.js';
import type { Work } from '../../src/runner/runner.js';
import { startTunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';
import { startWorld, type World } from './support.js';

const QUICK = { leaseMs: 1_000, heartbeatIntervalMs: 50, sweepIntervalMs: 50 };

let world: World;
let backend: string;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  await world.run('delete from generations');
  backend = await world.insertBackend();
});
afterAll(() => world.close());

/** Work that runs until its release, and takes 100 ms to end. */
function startWork() {
  const runs: { job: Job; isReleased: boolean; hasEnded: boolean }[] = [];
  const work: Work = async (job, { signal }) => {
    const run = { job, isReleased: false, hasEnded: false };
    runs.push(run);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    run.isReleased = true;
    await new Promise((resolve) => setTimeout(resolve, 100));
    run.hasEnded = true;
    signal.throwIfAborted();
  };
  return { runs, work };
}

test('a job whose claim returns after the sweep of the same process took it over keeps its lease and is awaited on close', async () => {
  const { runs, work } = startWork();
  const { claims } = Dispatcher.prototype;
  Dispatcher.prototype.claims = async function* (this: Dispatcher) {
    for await (const job of claims.call(this)) {
      await world.expire(job);
      await until(() => runs.length === 1, 'the sweep to take over the job');
      yield job;
    }
  };
  const id = await world.insertGeneration();
  const runner = await world.startRunner([backend], work, QUICK);
  await until(() => runs.some(({ job, hasEnded }) => job.fence === 1 && hasEnded), 'the stale run to end');
  const [current] = runs;
  expect(current).toMatchObject({ job: { id, fence: 2 }, isReleased: false });

  const leaseOf = async () => (await world.prompt(String(current?.job.promptId))).lease_until;
  const before = await leaseOf();
  await until(async () => (await leaseOf()) !== before, 'the lease to be renewed');
  await runner.close();
  Dispatcher.prototype.claims = claims;
  expect(current?.hasEnded).toBe(true);
  expect(runs).toHaveLength(2);
});

describe('a run that ends with an error', () => {
  /** Fails a run by `fail` and releases it; returns the crashes of the job at its next run. */
  async function crashesAfter(fail: () => Promise<unknown>): Promise<number | undefined> {
    const { runs, work } = startWork();
    let hasFailed = false;
    const failing: Work = async (job, tools) => {
      if (hasFailed) return await work(job, tools);
      hasFailed = true;
      await fail();
    };
    await world.run('delete from generations');
    await world.insertGeneration();
    const runner = await world.startRunner([backend], failing, QUICK);
    await until(() => runs.length > 0, 'the job to be taken over');
    await runner.close();
    return runs[0]?.job.crashes;
  }

  test('counts as a crash of the job', async () => {
    expect(await crashesAfter(() => Promise.reject(new TypeError('x is undefined')))).toBe(1);
    expect(await crashesAfter(() => world.run('select no_such_column'))).toBe(1);
  });

  test('does not count as a crash if PostgreSQL ended its connection', async () => {
    expect(await crashesAfter(() => world.run('select pg_terminate_backend(pg_backend_pid())'))).toBe(0);
  });

  test('does not count as a crash if PostgreSQL canceled a statement for its timeout', async () => {
    const sleep = () =>
      world.em().transactional(async (em) => {
        await em.execute(`set local statement_timeout = '10ms'`);
        await em.execute('select pg_sleep(5)');
      });
    expect(await crashesAfter(sleep)).toBe(0);
  });

  test('does not count as a crash if PostgreSQL cannot be reached', async () => {
    const { url, close } = await startTunnel(world.url);
    const away = await openDatabase(url);
    close();
    expect(await crashesAfter(() => away.em.fork().execute('select 1'))).toBe(0);
    expect(await crashesAfter(() => away.em.fork().transactional((em) => em.execute('select 1')))).toBe(0);
    await away.close();
  });
});
