/**
 * Keeps a digest of what each applied migration said. One that was edited afterwards would never be applied again, and databases of the same
 * version would differ: it is refused while nothing relies on it.
 */
import { createHash } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../process/start-error.js';
import type { migrations } from './migrations/index.js';

type Known = (typeof migrations)[number];

/** Before anything is applied, by one process at a time. @throws StartError */
export async function refuseEdited(orm: MikroORM, known: readonly Known[]): Promise<void> {
  await makeColumn(orm);
  const rows: { name: string; digest: string }[] = await orm.em
    .fork()
    .execute('select name, digest from mikro_orm_migrations where digest is not null order by id');
  const edited: string[] = [];
  for (const { name, digest } of rows) {
    const its = known.find((each) => each.name === name);
    if (its && (await digestOf(orm, its)) !== digest) edited.push(name);
  }
  if (edited.length > 0)
    throw new StartError(
      `Migrations that this database has applied were edited since (${edited.join(', ')}): undo the edit, and put what it changes into a new migration`,
    );
}

/** Of what has been applied just now, and by versions that kept none. */
export async function keepDigests(orm: MikroORM, known: readonly Known[]): Promise<void> {
  const em = orm.em.fork();
  const rows: { name: string }[] = await em.execute('select name from mikro_orm_migrations where digest is null');
  for (const { name } of rows) {
    const its = known.find((each) => each.name === name);
    if (its)
      await em.execute('update mikro_orm_migrations set digest = ? where name = ?', [await digestOf(orm, its), name]);
  }
}

/** The ORM makes the table, which no migration can alter before it is there. Asked first, as altering waits for all who read it. */
async function makeColumn(orm: MikroORM): Promise<void> {
  const em = orm.em.fork();
  const found = await em.execute(
    `select from pg_attribute where attrelid = 'mikro_orm_migrations'::regclass and attname = 'digest' and not attisdropped`,
  );
  if (found.length === 0) await em.execute('alter table mikro_orm_migrations add column digest text');
}

/** Spaces may be others: they come with the indentation. */
async function digestOf(orm: MikroORM, { class: Its }: Known): Promise<string> {
  const migration = new Its(orm.em.getDriver(), orm.config);
  await migration.up();
  const statements = migration.getQueries().map((query) => String(query).replace(/\s+/g, ' ').trim());
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex');
}
