/** Who holds which job, and for how long: decided by PostgreSQL and on its clock. */

import { TIMINGS } from '../../src/process/timings.js';
import * as leases from '../../src/runner/leases.js';
import { type Living, startWorld, type World } from './support.js';

const { leaseMs, awayTimeoutMs } = TIMINGS;
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

describe('taking over', () => {
  test('a job of a process that lives and renews its lease is left alone', async () => {
    await claimed();
    expect(await takeOver()).toEqual([]);
  });

  test('a job of a process that is gone is taken at once, and counts as its death', async () => {
    const gone = await world.startReplica();
    const job = await claimed(gone.number);
    await gone.close();
    expect(await takeOver()).toEqual([{ ...job, fence: job.fence + 1, crashes: 1 }]);
    expect(await world.generation(job.id)).toMatchObject({ crashes: 1, fence: 2 });
  });

  test('a job whose process had only to wait for ComfyUI when it died is not blamed for it', async () => {
    const gone = await world.startReplica();
    const job = await claimed(gone.number);
    await world.run('update prompts set idle = true where id = ?', [job.promptId]);
    await gone.close();
    expect(await takeOver()).toMatchObject([{ promptId: job.promptId, crashes: 0 }]);
    // Whoever has taken it has something to do.
    expect(await world.prompt(job.promptId)).toMatchObject({ idle: false });
  });

  test('a job whose lease ran out is taken, by one of all who try; that its process froze is no death', async () => {
    const job = await claimed();
    await world.expire(job);
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeOver()));
    expect(taken.flat()).toEqual([{ ...job, fence: job.fence + 1, crashes: 0 }]);
  });

  test('a job that was let go is taken at once, and is no death', async () => {
    const job = await claimed();
    await leases.release(world.em(), job, false);
    expect(await takeOver()).toHaveLength(1);
    expect(await world.generation(job.id)).toMatchObject({ crashes: 0 });
  });

  test('a process does not take from itself what it works on, but what it has lost sight of', async () => {
    const job = await claimed();
    await world.expire(job);
    expect(await takeOver(ours.number, [job.promptId])).toEqual([]);
    expect(await takeOver(ours.number, [])).toHaveLength(1);
  });

  test('a job over which processes died again and again is taken only by one that asks for such, one at a time', async () => {
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

describe('renewing', () => {
  test('a lease is prolonged, one that ran out as well, and the number of the process is brought up to date', async () => {
    const job = await claimed();
    await world.expire(job);
    expect(await leases.renew(world.em(), other.number, [job], leaseMs)).toEqual([
      { promptId: job.promptId, fence: job.fence, isUnwanted: false },
    ]);
    expect(await world.prompt(job.promptId)).toMatchObject({ holder: other.number });
    expect(await takeOver(ours.number)).toEqual([]);
  });

  test('a job that another process has taken is not renewed, and stays with the other', async () => {
    const job = await claimed();
    await world.expire(job);
    const [taken] = await takeOver();
    const before = await world.prompt(job.promptId);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    expect(await world.prompt(job.promptId)).toEqual(before);
    expect(await leases.renew(world.em(), other.number, [taken as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('a job that was released meanwhile is not renewed, and is there for others at once', async () => {
    const job = await claimed();
    await leases.release(world.em(), job, true);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    expect(await takeOver()).toHaveLength(1);
  });

  test('it brings back that the user wants it stopped', async () => {
    const job = await claimed();
    await world.run(`update generations set status = 'CANCELING' where id = ?`, [job.id]);
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([
      { promptId: job.promptId, fence: job.fence, isUnwanted: true },
    ]);
  });

  test('without jobs it is nothing', async () => {
    expect(await leases.renew(world.em(), ours.number, [], leaseMs)).toEqual([]);
  });
});

test('letting go after a fault counts, and by a process that has lost the job it changes nothing', async () => {
  const job = await claimed();
  await leases.release(world.em(), job, true);
  expect(await world.generation(job.id)).toMatchObject({ crashes: 1 });
  await takeOver();
  const before = await world.prompt(job.promptId);
  await leases.release(world.em(), job, true);
  expect(await world.prompt(job.promptId)).toEqual(before);
  expect(await world.generation(job.id)).toMatchObject({ crashes: 1 });
});

describe('when a backend is away', () => {
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

  test('its jobs can go elsewhere after a minute, and not before', async () => {
    const job = await claimed();
    await goAway(50);
    expect(await leases.readStranded(world.em(), [backend], awayTimeoutMs)).toEqual([]);
    await goAway(61);
    expect(await leases.readStranded(world.em(), [backend], awayTimeoutMs)).toEqual([
      { promptId: job.promptId, route: 'any', isBackendRemoved: false },
    ]);
    expect(await leases.readStranded(world.em(), [], awayTimeoutMs)).toMatchObject([{ isBackendRemoved: true }]);
  });

  test('a job that goes elsewhere is sent anew, its prompt keeps its place, and whoever followed it has lost both', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    expect(await leases.abandon(world.em(), [job.promptId], awayTimeoutMs)).toEqual([
      { id: job.id, userId: job.userId },
    ]);
    expect(await world.generation(job.id)).toMatchObject({ status: 'PROCESSING', waiting: true, started_at: null });
    expect(await leases.renew(world.em(), ours.number, [job], leaseMs)).toEqual([]);
    const elsewhere = await world.insertBackend();
    expect(await world.claim({ backendId: elsewhere, holder: ours.number })).toMatchObject({ id: job.id, attempt: 2 });
    expect(await world.prompt(job.promptId)).toMatchObject({ ended_at: null, place: 1 });
  });

  test('the prompt that was left there is taken up when it is back, and the generation is not touched', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], awayTimeoutMs);
    expect(await takeUp()).toEqual([]);
    const moved = await world.claim({ backendId: await world.insertBackend(), holder: ours.number });
    await comeBack();
    const before = await world.generation(job.id);
    expect(await takeUp()).toMatchObject([{ promptId: job.promptId, isAbandoned: true }]);
    expect(await world.generation(job.id)).toEqual(before);
    expect(await takeUp()).toEqual([]);
    // Both are held now, each by its own number.
    expect(await leases.renew(world.em(), ours.number, [moved as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('a generation that found no place elsewhere comes back to its prompt', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], awayTimeoutMs);
    await comeBack();
    const [back] = await takeUp();
    expect(back).toMatchObject({ promptId: job.promptId, attempt: 1, isAbandoned: false });
    expect(await world.generation(job.id)).toMatchObject({ waiting: false, fence: back?.fence });
    expect(await leases.renew(world.em(), other.number, [back as leases.Job], leaseMs)).toHaveLength(1);
  });

  test('it is not given to the backend that it was left at as if it were new there', async () => {
    const job = await claimed();
    await process(job);
    await goAway();
    await leases.abandon(world.em(), [job.promptId], awayTimeoutMs);
    await comeBack();
    expect(await world.claim({ backendId: backend, holder: ours.number })).toBeUndefined();
    expect(await world.claim({ backendId: await world.insertBackend(), holder: ours.number })).toMatchObject({
      id: job.id,
    });
  });

  test('one that was to be stopped, or was deleted, goes nowhere', async () => {
    const [stopped, deleted] = [await claimed(), await claimed()];
    await world.run(`update generations set status = 'CANCELING' where id = ?`, [stopped.id]);
    await world.run(`update generations set deleted_at = now() where id = ?`, [deleted.id]);
    await goAway();
    expect(await leases.readStranded(world.em(), [backend], awayTimeoutMs)).toEqual([]);
    expect(await leases.abandon(world.em(), [stopped.promptId, deleted.promptId], awayTimeoutMs)).toEqual([]);
  });
});
