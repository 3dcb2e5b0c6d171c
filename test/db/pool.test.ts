/** However many connections break, there are as many as before. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { keepPoolWhole } from '../../src/db/guard-pool.js';
import { openDatabase } from '../../src/orm.js';
import { TIMINGS } from '../../src/process/timings.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** More than there may be at once. */
const BREAKS = 25;

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createDatabase();
  const timings = { ...TIMINGS, idleTransactionTimeoutMs: 200 };
  orm = await openDatabase(database.url, timings);
  await keepPoolWhole(orm, timings);
});
afterAll(async () => {
  // Waits for every connection to be given back.
  await orm.close();
  await database.drop();
});

test('a transaction that breaks with its connection gives its place back', async () => {
  for (let nth = 1; nth <= BREAKS; nth += 1) {
    const broken = orm.em.fork().transactional(async (em) => {
      const [row] = await em.execute<{ pid: number }[]>('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1)', [row?.pid]);
      await em.execute('select 1');
    });
    await expect(broken).rejects.toThrow();
  }
  expect(await orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a transaction that stands still lets go of what it has locked, and comes to nothing', async () => {
  await database.query('create table things (id int primary key, name text)');
  await database.query(`insert into things values (1, 'before')`);
  const still = orm.em.fork().transactional(async (em) => {
    await em.execute(`update things set name = 'standing still' where id = 1`);
    // Who waits for the same row gets it, although this has not ended.
    await database.query(`update things set name = name || ' and after' where id = 1`);
  });
  await expect(still).rejects.toThrow();
  expect(await database.query('select name from things')).toEqual([{ name: 'before and after' }]);
});
