/** Which runs a process keeps alive and awaits, and which of their ends count as its crashes. */
import { Dispatcher } from '../../src/runner/dispatcher.js';
import type { Job } from '../../src/runner/leases.js';
import type { Work } from '../../src/runner/runner.js';
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

/** Runs until it is released, and takes a moment to end. */
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

test('a job taken over by the sweep of the process whose claim was answered late keeps its lease and is awaited on close', async () => {
  const { runs, work } = startWork();
  const { next } = Dispatcher.prototype;
  Dispatcher.prototype.next = async function (this: Dispatcher) {
    const job = await next.call(this);
    if (!job) return undefined;
    await world.expire(job);
    await until(() => runs.length === 1, 'the sweep to take over the job');
    return job;
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
  Dispatcher.prototype.next = next;
  expect(current?.hasEnded).toBe(true);
  expect(runs).toHaveLength(2);
});
