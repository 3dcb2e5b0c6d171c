/** Leases of jobs, which PostgreSQL decides on its own clock. */

import { TIMINGS } from '../../src/process/timings.js';
import * as leases from '../../src/runner/leases.js';
import { type Living, startWorld, type World } from './support.js';

const { leaseMs, failoverTimeoutMs } = TIMINGS;
let world: World;
/** Two living processes. */
let ours: Living;
let other: Living;
let backend: string;
beforeAll(async () => {
  world = await startWorld();
  [ours, other] = [await world.startReplica(), await world.startReplica()];
});
beforeEach(async () => {
  await world.run('delete from generations');
  await world.run('delete from backends');
  backend = await world.insertBackend();
});
afterAll(() => world.close());

async function claimed(holder = ours.number, backendId = backend): Promise<leases.Job> {
  const id = await world.insertGeneration();
  const job = await world.claim({ backendId, holder });
  if (job?.id !== id) throw new Error('It was not claimed');
  return job;
}

const takeOver = (holder = other.number, running: string[] = [], suspects = false) =>
  world.takeOver({ holder, backendIds: [backend], running, suspects });

describe('a takeover', () => {
  test('does not take a job whose holder lives and renews its lease', async () => {
    await claimed();
    expect(await takeOver()).toEqual([]);
  });

  test('takes a job of a process that is gone at once, and counts a crash', async () => {
    const gone = await world.startReplica();
    const job = await claimed(gone.number);
    await gone.close();
    expect(await takeOver()).toEqual([{ ...job, fence: job.fence + 1, crashes: 1, age: expect.anything() }]);
    expect(await world.generation(job.id)).toMatchObject({ crashes: 1, fence: 2 });
  });

  test('counts no crash if the holder only waited for ComfyUI when it crashed', async () => {
    const gone = await world.startReplica();
    const job = await claimed(gone.number);
    await world.run('update prompts set idle = true where id = ?', [job.promptId]);
    await gone.close();
    expect(await takeOver()).toMatchObject([{ promptId: job.promptId, crashes: 0 }]);
    // The new holder has work to do.
    expect(await world.prompt(job.promptId)).toMatchObject({ idle: false });
  });

  test('takes a job with an expired lease once, and counts no crash for a frozen holder', async () => {
    const job = await claimed();
    await world.expire(job);
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeOver()));
    expect(taken.flat()).toEqual([{ ...job, fence: job.fence + 1, crashes: 0, age: expect.anything() }]);
  });

  test('takes a released job at once, and counts no crash', async () => {
    const job = await claimed();
    await leases.release(world.em(), job, false);
    expect(await takeOver()).toHaveLength(1);
    expect(await world.generation(job.id)).toMatchObject({ crashes: 0 });
  });

  test('leaves jobs that the process runs, and takes jobs that it holds without running them', async () => {
    const job = await claimed();
    await world.expire(job);
    expect(await takeOver(ours.number, [job.promptId])).toEqual([]);
    expect(await takeOver(ours.number, [])).toHaveLength(1);
  });

  test('takes suspects only on request, one at a time', async () => {
    const jobs = [await claimed(), await claimed()];
    for (const job of jobs) {
      await world.expire(job);
      await world.run('update generations set crashes = ? where id = ?', [leases.SUSPECT_CRASHES, job.id]);
    }
    const taking = { holder: other.number, backendIds: [backend], running: [], leaseMs };
    expect(await leases.isSuspectOrphaned(world.em(), taking)).toBe(true);
    expect(await takeOver()).toEqual([]);
    expect(await takeOver(other.number, [], true)).toHaveLength(1);
    expect(await takeOver(other.number, [], true)).toHaveLength(1);
    expect(await leases.isSuspectOrphaned(world.em(), taking)).toBe(false);
  });
});

describe('a renewal', () => {
  test('extends a lease, also an expired one, and writes the current boot number', async () => {
    const job = await claimed();
    await world.expire(job);
    expect(await leases.renew(world.em(), other.number, [job], leaseMs)).toEqual([
      { promptId: job.promptId, fence: job.fence, isUnwanted: false },
    ]);
    expect(await world.prompt(job.promptId)).toMatchObject({ holder: other.number });
    expect(await takeOver(ours.number)).toEqual([]);
  });

  test('does not extend the lease of a job that another process has taken', async () => {
    const job = await claimed();
    await world.expire(job);
    const [taken] = await takeOver();
    const before = await world.prompt(job.promptId);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    expect(await world.prompt(job.promptId)).toEqual(before);
    expect(await leases.renew(world.em(), other.number, [taken as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('does not extend the lease of a released job, which can be taken at once', async () => {
    const job = await claimed();
    await leases.release(world.em(), job, true);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    expect(await takeOver()).toHaveLength(1);
  });

  test('returns that the user wants the generation stopped', async () => {
    const job = await claimed();
    await world.run(`update generations set status = 'CANCELING' where id = ?`, [job.id]);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([
      { promptId: job.promptId, fence: job.fence, isUnwanted: true },
    ]);
  });

  test('of no jobs returns nothing', async () => {
    expect(await leases.renew(world.em(), ours.number, [], leaseMs)).toEqual([]);
  });
});

test('a release after a fault counts a crash, and changes nothing for a process that has lost the job', async () => {
  const job = await claimed();
  await leases.release(world.em(), job, true);
  expect(await world.generation(job.id)).toMatchObject({ crashes: 1 });
  await takeOver();
  const before = await world.prompt(job.promptId);
  await leases.release(world.em(), job, true);
  expect(await world.prompt(job.promptId)).toEqual(before);
  expect(await world.generation(job.id)).toMatchObject({ crashes: 1 });
});

describe('while a backend is away', () => {
  const goAway = (seconds = 61) =>
    world.run(`update backends set state = 'OFFLINE', offline_since = now() - ? * interval '1 s' where id = ?`, [
      seconds,
      backend,
    ]);
  const comeBack = () =>
    world.run(`update backends set state = 'ONLINE', offline_since = null where id = ?`, [backend]);
  const process = async (job: leases.Job) =>
    world.run(`update generations set status = 'PROCESSING', attempt = 1, started_at = now() where id = ?`, [job.id]);
  const takeUp = (running: string[] = []) =>
    leases.adoptAbandoned(world.em(), { holder: other.number, backendIds: [backend], running, leaseMs });

  test('its jobs can be requeued after a minute, and not earlier', async () => {
    const job = await claimed();
    await goAway(50);
    expect(await leases.readStranded(world.em(), [backend], failoverTimeoutMs)).toEqual([]);
    await goAway(61);
    expect(await leases.readStranded(world.em(), [backend], failoverTimeoutMs)).toEqual([
      { promptId: job.promptId, route: 'any', isBackendRemoved: false },
    ]);
    expect(await leases.readStranded(world.em(), [], failoverTimeoutMs)).toMatchObject([{ isBackendRemoved: true }]);
  });

  test('a requeued job starts a new attempt, its prompt keeps its slot, and the former holder loses both', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    expect(await leases.abandon(world.em(), [job.promptId], failoverTimeoutMs)).toEqual([
      { id: job.id, userId: job.userId },
    ]);
    expect(await world.generation(job.id)).toMatchObject({ status: 'PROCESSING', waiting: true, started_at: null });
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    const elsewhere = await world.insertBackend();
    expect(await world.claim({ backendId: elsewhere, holder: ours.number })).toMatchObject({ id: job.id, attempt: 2 });
    expect(await world.prompt(job.promptId)).toMatchObject({ ended_at: null, place: 1 });
  });

  test('its abandoned prompt is taken over when it is back, and the generation is unchanged', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], failoverTimeoutMs);
    expect(await takeUp()).toEqual([]);
    const moved = await world.claim({ backendId: await world.insertBackend(), holder: ours.number });
    await comeBack();
    const before = await world.generation(job.id);
    expect(await takeUp()).toMatchObject([{ promptId: job.promptId, isAbandoned: true }]);
    expect(await world.generation(job.id)).toEqual(before);
    expect(await takeUp()).toEqual([]);
    // Both prompts have a holder now, each under its own fence.
    expect(await leases.renew(world.em(), ours.number, [moved as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('a generation without another backend returns to its prompt', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], failoverTimeoutMs);
    await comeBack();
    const [back] = await takeUp();
    expect(back).toMatchObject({ promptId: job.promptId, attempt: 1, isAbandoned: false });
    expect(await world.generation(job.id)).toMatchObject({ waiting: false, fence: back?.fence });
    expect(await leases.renew(world.em(), other.number, [back as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('a requeued job is not claimed for the backend that still has its prompt', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], failoverTimeoutMs);
    await comeBack();
    expect(await world.claim({ backendId: backend, holder: ours.number })).toBeUndefined();
    expect(await world.claim({ backendId: await world.insertBackend(), holder: ours.number })).toMatchObject({
      id: job.id,
    });
  });

  test('a canceled or deleted generation is not requeued', async () => {
    const [stopped, deleted] = [await claimed(), await claimed()];
    await world.run(`update generations set status = 'CANCELING' where id = ?`, [stopped.id]);
    await world.run(`update generations set deleted_at = now() where id = ?`, [deleted.id]);
    await goAway();
    expect(await leases.readStranded(world.em(), [backend], failoverTimeoutMs)).toEqual([]);
    expect(await leases.abandon(world.em(), [stopped.promptId, deleted.promptId], failoverTimeoutMs)).toEqual([]);
  });
});
