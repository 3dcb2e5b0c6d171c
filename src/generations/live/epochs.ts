/**
 * Each start of a server opens an epoch, and cursors of changes name it. A database that was restored from a backup does not have the
 * epochs that came after the backup, and a copy in another PostgreSQL counts transactions anew: such cursors are recognised and not trusted.
 */
import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/** Names the counter of transactions: the PostgreSQL, and the database in it. */
const ORIGIN = `select system_identifier || '/' || (select oid from pg_database where datname = current_database()) from pg_control_system()`;

/** For SQL: whether the epoch of a cursor belongs to this database. */
export const IS_KNOWN_EPOCH = `exists (select from change_epochs where id = ?::uuid and origin = (${ORIGIN}))`;

/** Opens the epoch of this process. Called before anything reads changes. */
export const openEpoch = (em: SqlEntityManager): Promise<string> =>
  em.transactional(async (tx) => {
    await tx.execute('lock table change_epochs in exclusive mode');
    const [row] = await tx.execute<{ isMoved: boolean }[]>(
      `select exists (select from change_epochs) and not exists (select from change_epochs where origin = (${ORIGIN})) as "isMoved"`,
    );
    if (row?.isMoved) await forgetTransactions(tx);
    const id = randomUUID();
    await tx.execute(`insert into change_epochs (id, origin) values (?, (${ORIGIN}))`, [id]);
    return id;
  });

/** Here the transactions of the old PostgreSQL may still lie in the future. */
async function forgetTransactions(em: SqlEntityManager): Promise<void> {
  await em.execute('delete from forgotten_deletions');
  await em.execute(
    `update generations set created_in = pg_current_xact_id()
     where greatest(created_in, changed_in) >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
}
