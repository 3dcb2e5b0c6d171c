/** Applies pending migrations. Refuses a database that a newer version has migrated. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error.js';
import { rejectEdited, saveDigests } from './migration-digests.js';
import { migrations } from './migrations/index.js';

/** Differs from every other advisory lock of this database. */
const LOCK = 0x6d69_6772;

/** Runs in one process at a time. @throws StartError if the database has migrations that this version does not know, or has edited */
export async function migrate(orm: MikroORM, logger: Logger, expected = migrations): Promise<void> {
  const applied = await orm.em.fork().transactional(async (em) => {
    // This transaction holds the lock, so that it is released even if this process dies; the migrations run on another connection.
    await em.execute('set local idle_in_transaction_session_timeout = 0');
    await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
    const known = new Set(migrations.map(({ name }) => name));
    const executed = await orm.migrator.getExecuted();
    const unknown = executed.map(({ name }) => name).filter((name) => !known.has(name));
    if (unknown.length > 0)
      throw new StartError(
        `The database is newer than this version of ComfyGraph (it has ${unknown.join(', ')}): update ComfyGraph`,
      );
    await rejectEdited(orm, expected);
    const done = await orm.migrator.up();
    await saveDigests(orm, expected);
    return done;
  });
  if (applied.length > 0) logger.info({ migrations: applied.map(({ name }) => name) }, 'migrated the database');
}
