/** However many connections break, there are as many as before. */
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { openDatabase } from '../../src/db/orm.js';
import { keepPoolWhole } from '../../src/db/pool.js';
import { TIMINGS } from '../../src/timings.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** More than there may be at once. */
const BREAKS = 25;

let database: TestDatabase;
let orm: MikroORM;
let direct: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  await keepPoolWhole(orm, TIMINGS);
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
});
afterAll(async () => {
  await direct.end();
  // Waits for every connection to be given back.
  await orm.close();
  await database.drop();
});

test('a transaction that breaks with its connection gives its place back', async () => {
  for (let nth = 1; nth <= BREAKS; nth += 1) {
    const broken = orm.em.fork().transactional(async (em) => {
      const [row] = await em.execute<{ pid: number }[]>('select pg_backend_pid() as pid');
      await direct.query('select pg_terminate_backend($1)', [row?.pid]);
      await em.execute('select 1');
    });
    await expect(broken).rejects.toThrow();
  }
  expect(await orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a transaction that stands still lets go of what it has locked, and comes to nothing', async () => {
  await direct.query('create table things (id int primary key, name text)');
  await direct.query(`insert into things values (1, 'before')`);
  const still = orm.em.fork().transactional(async (em) => {
    await em.execute(`update things set name = 'standing still' where id = 1`);
    // Who waits for the same row gets it, although this has not ended.
    await direct.query(`update things set name = name || ' and after' where id = 1`);
  });
  await expect(still).rejects.toThrow();
  expect((await direct.query('select name from things')).rows).toEqual([{ name: 'before and after' }]);
});
