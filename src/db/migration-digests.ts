/**
 * Stores a digest of each applied migration. A migration that was edited afterwards would never be applied again, and databases of the same
 * version would differ: the start fails instead.
 */
import { createHash } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../process/start-error.js';
import type { migrations } from './migrations/index.js';
import { query } from './query.js';

type Known = (typeof migrations)[number];

/** Call it before migrations are applied, in one process at a time. @throws StartError */
export async function rejectEdited(orm: MikroORM, known: readonly Known[]): Promise<void> {
  await addColumn(orm);
  const applied = query(orm.em.fork()).selectFrom('mikro_orm_migrations').select(['name', 'digest']);
  const rows = await applied.where('digest', 'is not', null).orderBy('id').execute();
  const edited: string[] = [];
  for (const { name, digest } of rows) {
    const migration = known.find((each) => each.name === name);
    if (migration && (await digestOf(orm, migration)) !== digest) edited.push(name);
  }
  if (edited.length > 0)
    throw new StartError(
      `Migrations that this database has applied were edited since (${edited.join(', ')}): undo the edit, and put what it changes into a new migration`,
    );
}

/** Saves missing digests, including those of migrations applied by versions without digests. */
export async function saveDigests(orm: MikroORM, known: readonly Known[]): Promise<void> {
  const em = orm.em.fork();
  const migrations = query(em).selectFrom('mikro_orm_migrations');
  const rows = await migrations.select('name').where('digest', 'is', null).execute();
  for (const { name } of rows) {
    const migration = known.find((each) => each.name === name);
    if (migration)
      await query(em)
        .updateTable('mikro_orm_migrations')
        .set({ digest: await digestOf(orm, migration) })
        .where('name', '=', name)
        .execute();
  }
}

/** The ORM creates the table before any migration runs. Checks first: alter table waits for all readers. */
async function addColumn(orm: MikroORM): Promise<void> {
  const em = orm.em.fork();
  const found = await em.execute(
    `select from pg_attribute where attrelid = 'mikro_orm_migrations'::regclass and attname = 'digest' and not attisdropped`,
  );
  if (found.length === 0) await em.execute('alter table mikro_orm_migrations add column digest text');
}

/** Ignores white space, which changes with the indentation. */
async function digestOf(orm: MikroORM, { class: MigrationClass }: Known): Promise<string> {
  const migration = new MigrationClass(orm.em.getDriver(), orm.config);
  await migration.up();
  const statements = migration.getQueries().map((query) => String(query).replace(/\s+/g, ' ').trim());
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex');
}
