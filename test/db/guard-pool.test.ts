/** Broken connections do not shrink the pool. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { guardPool } from '../../src/db/guard-pool.js';
import { openDatabase } from '../../src/orm.js';
import { TIMINGS } from '../../src/process/timings.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** More than the pool has. */
const BREAKS = 25;

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createDatabase();
  const timings = { ...TIMINGS, idleTransactionTimeoutMs: 200 };
  orm = await openDatabase(database.url, timings);
  await guardPool(orm, timings);
});
afterAll(async () => {
  // Waits until every connection is released.
  await orm.close();
  await database.drop();
});

test('a transaction that fails with its connection releases its place in the pool', async () => {
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

test('an idle transaction is ended and releases its locks', async () => {
  await database.query('create table things (id int primary key, name text)');
  await database.query(`insert into things values (1, 'before')`);
  const idle = orm.em.fork().transactional(async (em) => {
    await em.execute(`update things set name = 'uncommitted' where id = 1`);
    // Waits for the same row, and gets it although this callback has not ended.
    await database.query(`update things set name = name || ' and after' where id = 1`);
  });
  await expect(idle).rejects.toThrow();
  expect(await database.query('select name from things')).toEqual([{ name: 'before and after' }]);
});
