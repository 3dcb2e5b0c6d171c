/** New generations that arrive together are inserted together, and each has its own outcome. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { poolOf } from '../../../src/db/adaptive-pool.js';
import { createReads, type Reads } from '../../../src/db/reads.js';
import { Inserts, type NewGeneration } from '../../../src/generations/create/inserts.js';
import { openDatabase } from '../../../src/orm.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let orm: MikroORM;
let reads: Reads;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  reads = createReads(orm, await poolOf(orm));
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

type Row = Record<string, unknown>;
const run = (sql: string, values: unknown[] = []): Promise<Row[]> => orm.em.fork().execute(sql, values);

async function insertUser(): Promise<string> {
  const id = randomUUID();
  await run(`insert into users (id, email, password_hash) values (?, ?, '')`, [id, `${id}@example.com`]);
  return id;
}

const generationOf = (userId: string, changes: Partial<NewGeneration> = {}): NewGeneration => ({
  id: randomUUID(),
  userId,
  draft: {
    prompt: 'a lighthouse',
    negativePrompt: '',
    workflowName: 'text-to-image',
    workflowVersion: 1,
    workflowId: null,
    modelId: null,
    seed: '18446744073709551615',
    parameters: { steps: 2, guidance: 7.5 },
    needs: { classes: ['KSampler'], files: [] },
  },
  rank: 0,
  inputFiles: {},
  webhookUrl: null,
  idempotencyKey: null,
  inputHash: null,
  retryOfId: null,
  maxWaiting: null,
  maxAllWaiting: 1_000_000,
  ...changes,
});

const transactionsOf = async (ids: readonly string[]): Promise<unknown> =>
  (
    await run(`select count(distinct created_in)::int as count from generations where id in (${ids.map(() => '?')})`, [
      ...ids,
    ])
  )[0]?.count;

test('generations of several users that arrive together are one transaction, in the order of arrival', async () => {
  const users = await Promise.all([insertUser(), insertUser(), insertUser()]);
  const inserts = new Inserts(reads);
  const generations = Array.from({ length: 30 }, (_, nth) => generationOf(users[nth % 3] as string));
  const outcomes = await Promise.all(generations.map((each) => inserts.insert(each)));
  expect(outcomes.map(({ row }) => row?.id)).toEqual(generations.map(({ id }) => id));
  expect(outcomes[0]?.row).toMatchObject({
    status: 'PENDING',
    revision: 1,
    attempt: 0,
    waiting: true,
    prompt: 'a lighthouse',
    seed: '18446744073709551615',
    parameters: { steps: 2, guidance: 7.5 },
    progress: null,
    deletedAt: null,
  });
  expect(await transactionsOf(generations.map(({ id }) => id))).toBe(1);
  const waiting = await run(`select waiting from turns where user_id in (?, ?, ?)`, users);
  expect(waiting).toEqual([{ waiting: 10 }, { waiting: 10 }, { waiting: 10 }]);
});

test('a limit holds within a batch: the first are inserted, the others learn how many waited', async () => {
  const [full, other] = [await insertUser(), await insertUser()];
  const inserts = new Inserts(reads);
  const insert = (userId: string) => inserts.insert(generationOf(userId, { maxWaiting: 2 }));
  const outcomes = await Promise.all([full, full, full, other, full].map(insert));
  expect(outcomes.map(({ row }) => row !== undefined)).toEqual([true, true, false, true, false]);
  expect(await insert(full)).toMatchObject({ row: undefined, isEnabled: true, ownWaiting: 2 });
});

test('a key that occurs twice in a batch is inserted once', async () => {
  const [alice, bob] = [await insertUser(), await insertUser()];
  const inserts = new Inserts(reads);
  const keyed = (userId: string) => inserts.insert(generationOf(userId, { idempotencyKey: 'same', inputHash: '00' }));
  const outcomes = await Promise.all([keyed(alice), keyed(alice), keyed(bob)]);
  expect(outcomes.map(({ row }) => row !== undefined)).toEqual([true, false, true]);
});

test('a used key does not wait for a transaction that moves its generation', async () => {
  const alice = await insertUser();
  const inserts = new Inserts(reads);
  const keyed = () => inserts.insert(generationOf(alice, { idempotencyKey: 'moving', inputHash: '00' }));
  const { row } = await keyed();
  await orm.em.fork().transactional(async (em) => {
    await em.execute('update generations set updated_at = now() where id = ?', [row?.id]);
    expect(await keyed()).toMatchObject({ row: undefined, isEnabled: true });
    await em.execute('update turns set at = now() where user_id = ?', [alice]);
  });
});

test('disabled and deleted accounts of a batch get no generation, the others do', async () => {
  const [disabled, deleted, alice] = [await insertUser(), await insertUser(), await insertUser()];
  await run('update users set disabled_at = now() where id = ?', [disabled]);
  await run('update users set deleted_at = now() where id = ?', [deleted]);
  const inserts = new Inserts(reads);
  const users = [disabled, deleted, randomUUID(), alice];
  const outcomes = await Promise.all(users.map((id) => inserts.insert(generationOf(id))));
  expect(outcomes.map(({ isEnabled }) => isEnabled)).toEqual([false, false, false, true]);
  expect(outcomes.map(({ row }) => row !== undefined)).toEqual([false, false, false, true]);
});

test('a generation that PostgreSQL rejects does not fail the others of its batch', async () => {
  const alice = await insertUser();
  const inserts = new Inserts(reads);
  const [wrong, right] = [generationOf(alice, { retryOfId: randomUUID() }), generationOf(alice)];
  const outcomes = await Promise.allSettled([right, wrong, generationOf(alice)].map((each) => inserts.insert(each)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await run('select id from generations where id in (?, ?)', [right.id, wrong.id])).toEqual([{ id: right.id }]);
});

test('the needs of a route are saved with its first generation', async () => {
  const alice = await insertUser();
  const needs = { classes: ['SaveImage', randomUUID()], files: [] };
  const generation = generationOf(alice);
  await new Inserts(reads).insert({ ...generation, draft: { ...generation.draft, needs } });
  const saved = await run('select needs from routes join generations g on g.route = routes.id where g.id = ?', [
    generation.id,
  ]);
  expect(saved).toEqual([{ needs }]);
});
