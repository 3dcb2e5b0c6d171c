/** What arrives together is counted by one statement, with the same results as if each had a statement of its own. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { poolOf } from '../../src/db/adaptive-pool.js';
import { Counter } from '../../src/limits/counter.js';
import { openDatabase } from '../../src/orm.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const HOUR_MS = 3_600_000;

let database: TestDatabase;
let orm: MikroORM;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  pool = await poolOf(orm);
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const pointsOf = async (counter: Counter, keys: readonly string[]): Promise<number[]> =>
  (await Promise.all(keys.map((key) => counter.take(key)))).map(({ points }) => points);
const windows = async (prefix: string) =>
  (
    await pool.query(`select count(distinct xmin::text)::int as count from rate_limits where key like $1`, [
      `${prefix}%`,
    ])
  ).rows[0].count;

test('each of a batch is counted by itself, in the order of arrival', async () => {
  const counter = new Counter(pool, HOUR_MS);
  expect(await pointsOf(counter, ['a1', 'a2', 'a1', 'a1', 'a2'])).toEqual([1, 1, 2, 3, 2]);
  expect(await pointsOf(counter, ['a2', 'a1'])).toEqual([3, 4]);
  expect(await pointsOf(new Counter(pool, HOUR_MS), ['a1'])).toEqual([5]);
});

test('keys that arrive together are counted in one transaction', async () => {
  await pointsOf(new Counter(pool, HOUR_MS), ['b1', 'b2', 'b3', 'b1']);
  expect(await windows('b')).toBe(1);
});

test('a batch after the end of a window begins a new one', async () => {
  const counter = new Counter(pool, HOUR_MS);
  await pointsOf(counter, ['c', 'c']);
  await pool.query(`update rate_limits set expire = 1 where key = 'c'`);
  expect(await pointsOf(counter, ['c', 'c'])).toEqual([1, 2]);
  const { leftMs } = await counter.take('c');
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(HOUR_MS);
});

test('a count that cannot be stored fails its batch, and not the next one', async () => {
  const counter = new Counter(pool, HOUR_MS);
  await expect(pointsOf(counter, ['d', 'x'.repeat(300)])).rejects.toThrow('value too long');
  expect(await pointsOf(counter, ['d'])).toEqual([1]);
});
