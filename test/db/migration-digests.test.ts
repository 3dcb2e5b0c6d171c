/** An applied migration that was edited is detected. */
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { migrations } from '../../src/db/migrations/index.js';
import { openDatabase } from '../../src/orm.js';
import { StartError } from '../../src/process/start-error.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const NAMES = migrations.map(({ name }) => name);
const logger = pino({ level: 'silent' });
let database: TestDatabase;
let orm: MikroORM;
beforeEach(async () => {
  database = await createEmptyDatabase();
  orm = await openDatabase(database.url);
});
afterEach(async () => {
  await orm.close();
  await database.drop();
});

/** All migrations, one of them with changed statements. */
const edited = (name: string, edit: (sql: string) => string) =>
  migrations.map((each) => {
    if (each.name !== name) return each;
    class Edited extends each.class {
      override addSql(sql: string): void {
        super.addSql(edit(sql));
      }
    }
    return { name, class: Edited };
  });

const digests = (): Promise<{ name: string; digest: string | null }[]> =>
  orm.em.fork().execute('select name, digest from mikro_orm_migrations order by id');

test.each(NAMES)('%s, edited after it was applied, prevents the start and is named', async (name) => {
  await migrate(orm, logger);
  const before = await digests();
  await expect(
    migrate(
      orm,
      logger,
      edited(name, (sql) => `${sql} -- edited`),
    ),
  ).rejects.toThrow(
    new StartError(
      `Migrations that this database has applied were edited since (${name}): undo the edit, and put what it changes into a new migration`,
    ),
  );
  expect(await digests()).toEqual(before);
  await migrate(orm, logger);
});

test('a changed indentation is not an edit', async () => {
  await migrate(orm, logger);
  await migrate(
    orm,
    logger,
    edited('2026-11-24-initial-schema', (sql) => sql.replace(/\n/g, '\n  ')),
  );
});

test.each([
  ['without digests', 'alter table mikro_orm_migrations drop column digest'],
  ['that a version without digests has migrated since', 'update mikro_orm_migrations set digest = null where id > 3'],
])('a database %s stores them at the next start', async (_, statement) => {
  await migrate(orm, logger);
  const before = await digests();
  expect(before.map(({ digest }) => digest)).not.toContain(null);
  await orm.em.fork().execute(statement);
  await migrate(orm, logger);
  expect(await digests()).toEqual(before);
});
