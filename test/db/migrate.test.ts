/** Migrations produce the schema of the entities, also when several processes run them. */
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { openDatabase } from '../../src/orm.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const logger = pino({ level: 'silent' });
let database: TestDatabase;
const opened: MikroORM[] = [];
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(async () => {
  for (const orm of opened.splice(0)) await orm.close();
  await database.drop();
});

async function open(): Promise<MikroORM> {
  const orm = await openDatabase(database.url);
  opened.push(orm);
  return orm;
}

test('entities and migrations agree', async () => {
  const orm = await open();
  await migrate(orm, logger);
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
});

test('a missing migration is detected', async () => {
  const orm = await open();
  await migrate(orm, logger);
  await orm.em.execute('alter table generations drop column prompt');
  expect(await orm.schema.getUpdateSchemaSQL()).toContain('"prompt"');
});

test('migrating is idempotent', async () => {
  const orm = await open();
  await migrate(orm, logger);
  const executed = await orm.migrator.getExecuted();
  await migrate(orm, logger);
  expect(await orm.migrator.getExecuted()).toEqual(executed);
});

test('concurrent migrations all succeed', async () => {
  const all = await Promise.all([open(), open(), open(), open()]);
  await Promise.all(all.map((orm) => migrate(orm, logger)));
  expect(await all[0].migrator.getPending()).toEqual([]);
});

test('a database migrated by a newer version is refused and left unchanged', async () => {
  const orm = await open();
  await migrate(orm, logger);
  await orm.em.execute(`insert into mikro_orm_migrations (name, executed_at) values ('2031-01-01-future', now())`);
  await expect(migrate(orm, logger)).rejects.toThrow(
    'The database is newer than this version of ComfyGraph (it has 2031-01-01-future): update ComfyGraph',
  );
});

test('the whole URL is used, including its TLS settings', async () => {
  const url = new URL(database.url);
  url.searchParams.set('sslmode', 'verify-full');
  const orm = await openDatabase(url.href);
  opened.push(orm);
  await expect(orm.em.execute('select 1')).rejects.toThrow(/does not support SSL/);
});
