/** Taking, keeping and letting go of jobs: decided by PostgreSQL, whoever asks and however many ask at once. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { openDatabase } from '../../src/db/orm.js';
import * as claims from '../../src/runner/claims.js';
import { Replica } from '../../src/runner/replica.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const logger = pino({ level: 'silent' });
const user = randomUUID();
const DEPTH = 2;

let database: TestDatabase;
let orm: MikroORM;
/** Two living processes. */
let ours: Replica;
let other: Replica;
let backend: string;

beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  await migrate(orm, logger);
  await run(`insert into users (id, email, password_hash) values (?, 'a@example.com', '')`, [user]);
  [ours, other] = [new Replica(database.url, logger), new Replica(database.url, logger)];
  await Promise.all([ours.open(), other.open()]);
});
beforeEach(async () => {
  await run('delete from generations');
  await run('delete from backends');
  backend = await insertBackend();
});
afterAll(async () => {
  await Promise.all([ours.close(), other.close()]);
  await orm.close();
  await database.drop();
});

type Row = Record<string, unknown>;
const run = (sql: string, values: unknown[] = []): Promise<Row[]> => orm.em.fork().execute(sql, values);

async function insertBackend(state = 'ONLINE'): Promise<string> {
  const id = randomUUID();
  await run(`insert into backends (id, name, url, state) values (?, ?, ?, ?)`, [id, id, id, state]);
  return id;
}

async function insertGeneration({ rank = 0, age = 0, runAfter = 0 } = {}): Promise<string> {
  const id = randomUUID();
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, rank, created_at, run_after)
     values (?, ?, '', '', 'text-to-image', 1, '{}', ?, now() - ? * interval '1 s', now() + ? * interval '1 s')`,
    [id, user, rank, age, runAfter],
  );
  return id;
}

const claim = (backendId = backend, holder = ours.number) =>
  claims.claim(orm.em.fork(), { backendId, depth: DEPTH, promptId: randomUUID(), holder });

async function claimed(holder = ours.number): Promise<claims.Job> {
  const id = await insertGeneration();
  const job = await claim(backend, holder);
  if (job?.id !== id) throw new Error('It was not claimed');
  return job;
}

const takeOver = (holder = other.number, running: string[] = []) =>
  claims.takeOver(orm.em.fork(), holder, [backend], running);

const generation = async (id: string): Promise<Row> =>
  (await run('select * from generations where id = ?', [id]))[0] ?? {};
const prompt = async (id: string): Promise<Row> => (await run('select * from prompts where id = ?', [id]))[0] ?? {};
const expire = (job: claims.Job) =>
  run(`update prompts set lease_until = now() - interval '1 s' where id = ?`, [job.promptId]);

describe('claiming', () => {
  test('the highest priority goes first, then the oldest; one that has to wait a while does not', async () => {
    const last = await insertGeneration({ age: 10 });
    const second = await insertGeneration({ rank: -1, age: 5 });
    const first = await insertGeneration({ rank: -1, age: 9 });
    await insertGeneration({ rank: -9, runAfter: 60 });
    expect((await claim())?.id).toBe(first);
    expect((await claim())?.id).toBe(second);
    expect(await claim()).toBeUndefined();
    expect((await claim(await insertBackend()))?.id).toBe(last);
  });

  test('a backend that is not online is given nothing', async () => {
    await insertGeneration();
    expect(await claim(await insertBackend('OFFLINE'))).toBeUndefined();
    expect(await claim(await insertBackend('DRAINING'))).toBeUndefined();
  });

  test('however many claim at once, each job is taken once and no backend gets more than its depth', async () => {
    const backends = [backend, await insertBackend(), await insertBackend()];
    for (let count = 0; count < 10; count += 1) await insertGeneration({ age: count });
    const jobs = (await Promise.all(backends.flatMap((id) => Array.from({ length: 5 }, () => claim(id))))).filter(
      (job) => job !== undefined,
    );
    expect(jobs).toHaveLength(backends.length * DEPTH);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(jobs.length);
    for (const id of backends) expect(jobs.filter(({ backendId }) => backendId === id)).toHaveLength(DEPTH);
  });

  test('a place is free again when its prompt has ended, and not before', async () => {
    const [first] = [await claimed(), await claimed()];
    await insertGeneration();
    expect(await claim()).toBeUndefined();
    await run('update prompts set ended_at = now() where id = ?', [first.promptId]);
    expect(await claim()).toMatchObject({ attempt: 1, fence: 1 });
  });
});

describe('taking over', () => {
  test('a job of a process that lives and renews its lease is left alone', async () => {
    await claimed();
    expect(await takeOver()).toEqual([]);
  });

  test('a job of a process that is gone is taken at once, and counts as its death', async () => {
    const gone = new Replica(database.url, logger);
    await gone.open();
    const job = await claimed(gone.number);
    await gone.close();
    expect(await takeOver()).toEqual([{ ...job, fence: job.fence + 1 }]);
    expect(await generation(job.id)).toMatchObject({ crashes: 1, fence: 2 });
  });

  test('a job whose lease ran out is taken, by one of all who try', async () => {
    const job = await claimed();
    await expire(job);
    const taken = await Promise.all(Array.from({ length: 5 }, () => takeOver()));
    expect(taken.flat()).toEqual([{ ...job, fence: job.fence + 1 }]);
  });

  test('a job that was let go is taken at once, and is no death', async () => {
    const job = await claimed();
    await claims.release(orm.em.fork(), job, false);
    expect(await takeOver()).toHaveLength(1);
    expect(await generation(job.id)).toMatchObject({ crashes: 0 });
  });

  test('a process does not take from itself what it works on, but what it has lost sight of', async () => {
    const job = await claimed();
    await expire(job);
    expect(await takeOver(ours.number, [job.promptId])).toEqual([]);
    expect(await takeOver(ours.number, [])).toHaveLength(1);
  });
});

describe('renewing', () => {
  test('a lease is prolonged, one that ran out as well, and the number of the process is brought up to date', async () => {
    const job = await claimed();
    await expire(job);
    expect(await claims.renew(orm.em.fork(), other.number, [job])).toEqual([
      { promptId: job.promptId, isUnwanted: false },
    ]);
    expect(await prompt(job.promptId)).toMatchObject({ holder: other.number });
    expect(await takeOver(ours.number)).toEqual([]);
  });

  test('a job that another process has taken is not renewed, and stays with the other', async () => {
    const job = await claimed();
    await expire(job);
    const [taken] = await takeOver();
    const before = await prompt(job.promptId);
    expect(await claims.renew(orm.em.fork(), ours.number, [job])).toEqual([]);
    expect(await prompt(job.promptId)).toEqual(before);
    expect(await claims.renew(orm.em.fork(), other.number, [taken as claims.Job])).toHaveLength(1);
  });

  test('it brings back that the user wants it stopped', async () => {
    const job = await claimed();
    await run(`update generations set status = 'CANCELING' where id = ?`, [job.id]);
    expect(await claims.renew(orm.em.fork(), ours.number, [job])).toEqual([
      { promptId: job.promptId, isUnwanted: true },
    ]);
  });

  test('without jobs it is nothing', async () => {
    expect(await claims.renew(orm.em.fork(), ours.number, [])).toEqual([]);
  });
});

describe('letting go', () => {
  test('after a fault it counts, and by a process that has lost the job it changes nothing', async () => {
    const job = await claimed();
    await claims.release(orm.em.fork(), job, true);
    expect(await generation(job.id)).toMatchObject({ crashes: 1 });
    await takeOver();
    const before = await prompt(job.promptId);
    await claims.release(orm.em.fork(), job, true);
    expect(await prompt(job.promptId)).toEqual(before);
    expect(await generation(job.id)).toMatchObject({ crashes: 1 });
  });
});

describe('abandoning', () => {
  const forget = async (job: claims.Job) => {
    await run(`update backends set state = 'OFFLINE' where id = ?`, [job.backendId]);
    await run(`update prompts set lease_until = now() - interval '2 min' where id = ?`, [job.promptId]);
  };

  test('a job on a backend that is not configured any more wants a place elsewhere, as if it had never begun', async () => {
    const job = await claimed();
    await run(`update generations set status = 'PROCESSING', attempt = 1, started_at = now() where id = ?`, [job.id]);
    await forget(job);
    expect(await claims.abandon(orm.em.fork(), [backend])).toEqual([]);
    const configured = await insertBackend();
    expect(await claims.abandon(orm.em.fork(), [configured])).toEqual([{ id: job.id, userId: user }]);
    expect(await generation(job.id)).toMatchObject({ status: 'PROCESSING', waiting: true, started_at: null });
    expect(await claim(configured)).toMatchObject({ id: job.id, attempt: 2 });
  });

  test('one that was to be stopped has stopped', async () => {
    const job = await claimed();
    await run(`update generations set status = 'CANCELING' where id = ?`, [job.id]);
    await forget(job);
    await claims.abandon(orm.em.fork(), [await insertBackend()]);
    const after = await generation(job.id);
    expect(after).toMatchObject({ status: 'CANCELED', waiting: false });
    expect(after.completed_at).not.toBeNull();
  });
});
