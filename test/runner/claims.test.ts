/** The order of claims, which PostgreSQL decides, also for concurrent claims. */

import { readOpenings } from '../../src/runner/claims.js';
import { readQueuePositions } from '../../src/runner/queue-order.js';
import { DEPTH, type Living, startWorld, type World } from './support.js';

let world: World;
let ours: Living;
let backend: string;
beforeAll(async () => {
  world = await startWorld();
  ours = await world.startReplica();
});
beforeEach(async () => {
  await world.run('delete from generations');
  await world.run('delete from turns');
  await world.run('delete from backends');
  backend = await world.insertBackend();
});
afterAll(() => world.close());

const claim = (backendId = backend, options: { routes?: string[]; limits?: { user: number; admin: number } } = {}) =>
  world.claim({ backendId, holder: ours.number, ...options });

/** Claims jobs and ends their prompts until none waits. Returns the ids in the order of the claims. */
async function order(backendId = backend): Promise<string[]> {
  const ids = [];
  for (let job = await claim(backendId); job; job = await claim(backendId)) {
    ids.push(job.id);
    await world.end(job);
  }
  return ids;
}

async function waitFor(userId: string, count: number): Promise<string[]> {
  const ids = [];
  for (let nth = 0; nth < count; nth += 1) ids.push(await world.insertGeneration({ userId, age: 1_000 - nth }));
  return ids;
}

describe('generations of one user', () => {
  test('are claimed by priority, then by age, and not before their backoff is over', async () => {
    const last = await world.insertGeneration({ age: 10 });
    const second = await world.insertGeneration({ rank: -1, age: 5 });
    const first = await world.insertGeneration({ rank: -1, age: 9 });
    await world.insertGeneration({ rank: -9, runAfter: 60 });
    expect(await order()).toEqual([first, second, last]);
  });
});

describe('users', () => {
  test('take turns, whatever the number and the priority of their generations', async () => {
    const [alice, bob, carol] = [await world.insertUser(), await world.insertUser(), await world.insertUser()];
    const many = await waitFor(alice, 4);
    await world.run('update generations set rank = -10 where user_id = ?', [alice]);
    const two = await waitFor(bob, 2);
    const one = await waitFor(carol, 1);
    expect(await order()).toEqual([many[0], two[0], one[0], many[1], two[1], many[2], many[3]]);
  });

  test('a user with one generation waits for at most two of a user with two hundred', async () => {
    const [alice, bob] = [await world.insertUser(), await world.insertUser()];
    await waitFor(alice, 200);
    const before = [await claim(), await claim()];
    expect(before.map((job) => job?.userId)).toEqual([alice, alice]);
    const [his] = await waitFor(bob, 1);
    await world.end(before[0] as never);
    expect((await claim())?.id).toBe(his);
  });

  test('the user with fewer prompts on the backend goes before the user served longer ago', async () => {
    const [alice, bob] = [await world.insertUser(), await world.insertUser()];
    await waitFor(alice, 2);
    await waitFor(bob, 2);
    const first = await claim();
    await world.run(`update turns set at = now() - interval '2 years' where user_id = ?`, [first?.userId]);
    expect((await claim())?.userId).not.toBe(first?.userId);
  });

  test('no user has more running prompts than the limit of the role, over all backends', async () => {
    const [user, admin] = [await world.insertUser(), await world.insertUser('ADMIN')];
    await waitFor(user, 5);
    await waitFor(admin, 5);
    const limits = { user: 1, admin: 3 };
    const other = await world.insertBackend();
    const jobs: ({ userId: string } | undefined)[] = [];
    for (const id of [backend, other, backend, other, backend, other]) jobs.push(await claim(id, { limits }));
    const count = (id: string) => jobs.filter((job) => job?.userId === id).length;
    expect([count(user), count(admin)]).toEqual([1, 3]);
  });
});

describe('the queue position', () => {
  test('is the number of jobs that are claimed before', async () => {
    const users = await Promise.all([1, 2, 3, 4].map(() => world.insertUser()));
    for (const [nth, user] of users.entries()) await waitFor(user, nth + 1);
    // One user was served before, and so comes last in each round.
    await world.end((await claim()) as never);
    const ids = (await world.run('select id from generations where waiting')).map(({ id }) => String(id));
    const positions = await readQueuePositions(world.em(), ids);
    const expected = ids.toSorted((a, b) => Number(positions.get(a)) - Number(positions.get(b)));
    expect([...positions.values()].toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => index));
    expect(await order()).toEqual(expected);
  });

  test('counts what a ComfyUI has in its own queue, and is missing for what executes', async () => {
    const [first, second, third] = await waitFor(await world.insertUser(), 3);
    await claim();
    await claim();
    const positions = () => readQueuePositions(world.em(), [first, second, third] as string[]);
    expect(Object.fromEntries(await positions())).toEqual({ [`${first}`]: 0, [`${second}`]: 1, [`${third}`]: 2 });
    await world.run('update generations set started_at = now() where id = ?', [first]);
    expect(Object.fromEntries(await positions())).toEqual({ [`${second}`]: 0, [`${third}`]: 1 });
  });
});

describe('a backend', () => {
  test('gets only jobs that it can run', async () => {
    await world.insertGeneration({ route: 'large', age: 10 });
    const small = await world.insertGeneration({ route: 'small' });
    expect((await claim(backend, { routes: ['small'] }))?.id).toBe(small);
    expect(await claim(backend, { routes: ['small'] })).toBeUndefined();
  });

  test("gets jobs for its loaded model before another user's turn, at most four times in a row", async () => {
    const users = await Promise.all(Array.from({ length: 7 }, () => world.insertUser()));
    const routes = ['cold', 'warm', 'warm', 'warm', 'warm', 'warm', 'warm'];
    const cold = await world.insertGeneration({ userId: users[0] as string, route: 'cold', age: 100 });
    for (const [nth, userId] of users.entries())
      if (nth > 0) await world.insertGeneration({ userId, route: routes[nth] as string, age: 50 - nth });
    await world.run(`update backends set route = 'warm', streak = 1`);
    const ids = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const job = await claim(backend, { routes: ['warm', 'cold'] });
      ids.push(job?.id);
      await world.end(job as never);
    }
    expect(ids.indexOf(cold)).toBe(3);
  });

  test('that is not online gets no job', async () => {
    await world.insertGeneration();
    expect(await claim(await world.insertBackend('OFFLINE'))).toBeUndefined();
    expect(await claim(await world.insertBackend('DRAINING'))).toBeUndefined();
  });

  test('gets a free slot when its prompt has ended, and not earlier', async () => {
    for (let count = 0; count < 3; count += 1) await world.insertGeneration();
    const [first] = [await claim(), await claim()];
    expect(await claim()).toBeUndefined();
    await world.end(first as never);
    expect(await claim()).toMatchObject({ attempt: 1, fence: 1 });
  });

  describe('with quick prompts only', () => {
    const free = async () => (await readOpenings(world.em(), [backend], DEPTH)).slots[0]?.free ?? 0;
    const learn = (seconds: number) =>
      world.run(
        `insert into paces (workflow_name, workflow_version, model_id, seconds, runs)
         values ('text-to-image', 1, '00000000-0000-0000-0000-000000000000', ?, 1)
         on conflict (workflow_name, workflow_version, model_id) do update set seconds = excluded.seconds`,
        [seconds],
      );
    const claimAll = async () => {
      for (let count = 0; count < 7; count += 1) await world.insertGeneration();
      const jobs = [];
      for (let job = await claim(); job; job = await claim()) jobs.push(job);
      return jobs;
    };
    afterEach(() => world.run('delete from paces'));

    test('gets more of them', async () => {
      await learn(0.001);
      expect(await claimAll()).toHaveLength(DEPTH.quick);
      expect(await free()).toBe(0);
    });

    test('gets no other one beyond its usual depth', async () => {
      await learn(0.001);
      for (let count = 0; count < DEPTH.any; count += 1) await world.insertGeneration();
      await claim();
      await claim();
      expect(await free()).toBe(DEPTH.quick - DEPTH.any);
      await learn(1);
      await world.insertGeneration();
      expect(await claim()).toBeUndefined();
    });

    test('gets no quick one beyond its usual depth after another one', async () => {
      await world.insertGeneration();
      await claim();
      await learn(0.001);
      expect(await claimAll()).toHaveLength(DEPTH.any - 1);
      expect(await free()).toBe(0);
    });
  });

  test('counts prompts of other clients in its load, and is not offered when it is full', async () => {
    const [idle, shared] = [await world.insertBackend(), await world.insertBackend()];
    await world.run('update backends set running = 1, pending = 4 where id = ?', [shared]);
    await world.insertGeneration();
    await world.insertGeneration();
    await claim();
    const loads = async () =>
      new Map(
        (await readOpenings(world.em(), [backend, idle, shared], DEPTH)).slots.map(({ backendId, load }) => [
          backendId,
          load,
        ]),
      );
    expect(await loads()).toEqual(
      new Map([
        [backend, 1],
        [idle, 0],
        [shared, 5],
      ]),
    );
    await claim();
    expect((await loads()).has(backend)).toBe(false);
  });
});

test('concurrent claims take each job once, and no backend gets more than its depth', async () => {
  const backends = [backend, await world.insertBackend(), await world.insertBackend()];
  const users = await Promise.all([1, 2, 3, 4, 5].map(() => world.insertUser()));
  for (const user of users) await waitFor(user, 2);
  for (let round = 0; round < 5; round += 1) {
    const some = await Promise.all(backends.flatMap((id) => Array.from({ length: 5 }, () => claim(id))));
    if (some.every((job) => job === undefined)) break;
  }
  const jobs = await world.run('select generation_id, backend_id, place from prompts where ended_at is null');
  expect(jobs).toHaveLength(backends.length * DEPTH.any);
  expect(new Set(jobs.map(({ generation_id }) => generation_id)).size).toBe(jobs.length);
  for (const id of backends) expect(jobs.filter(({ backend_id }) => backend_id === id)).toHaveLength(DEPTH.any);
});

test('the count of waiting generations stays true after every change', async () => {
  const user = await world.insertUser();
  const ids = await waitFor(user, 5);
  await claim();
  await world.run(`update generations set waiting = false, status = 'CANCELED' where id = ?`, [ids[1]]);
  await world.run(`update generations set waiting = true where id = ?`, [ids[0]]);
  await world.run('delete from generations where id = any(?::uuid[])', [`{${ids.slice(2, 4).join(',')}}`]);
  expect(await world.run('select waiting from turns where user_id = ?', [user])).toEqual([{ waiting: 2 }]);
});
