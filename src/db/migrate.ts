/** Brings the database to this version's shape, and refuses one that a newer version has shaped. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error.js';
import { keepDigests, refuseEdited } from './migration-digests.js';
import { migrations } from './migrations/index.js';

/** Any number that no other advisory lock of this database has. */
const LOCK = 0x6d69_6772;

/** By one process at a time; the others find it done. @throws StartError when the database has migrations that this version does not know, or has otherwise */
export async function migrate(orm: MikroORM, logger: Logger, its = migrations): Promise<void> {
  const applied = await orm.em.fork().transactional(async (em) => {
    // Held by this transaction, and so let go whatever becomes of this process; the migrations run on a connection beside it.
    await em.execute('set local idle_in_transaction_session_timeout = 0');
    await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
    const known = new Set(migrations.map(({ name }) => name));
    const executed = await orm.migrator.getExecuted();
    const unknown = executed.map(({ name }) => name).filter((name) => !known.has(name));
    if (unknown.length > 0)
      throw new StartError(
        `The database is newer than this version of ComfyGraph (it has ${unknown.join(', ')}): update ComfyGraph`,
      );
    await refuseEdited(orm, its);
    const done = await orm.migrator.up();
    await keepDigests(orm, its);
    return done;
  });
  if (applied.length > 0) logger.info({ migrations: applied.map(({ name }) => name) }, 'migrated the database');
}
