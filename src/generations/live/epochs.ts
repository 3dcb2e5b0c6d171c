/**
 * Each server start opens an epoch, and change cursors name it. A database restored from a backup lacks the epochs after the backup, and a
 * copy in another PostgreSQL counts transactions from its own start: cursors from before are detected and resume with a GAP.
 */
import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/** Identifies the transaction counter: the PostgreSQL cluster and the database in it. */
const ORIGIN = `select system_identifier || '/' || (select oid from pg_database where datname = current_database()) from pg_control_system()`;

/** For SQL: whether the epoch of a cursor belongs to this database. */
export const IS_KNOWN_EPOCH = `exists (select from change_epochs where id = ?::uuid and origin = (${ORIGIN}))`;

/** Opens this process's epoch and returns its id. Must run before the first read of changes. */
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

/** Resets transaction ids of the old cluster that are still in the future of this one. */
async function forgetTransactions(em: SqlEntityManager): Promise<void> {
  await em.execute('delete from forgotten_deletions');
  await em.execute(
    `update generations set created_in = pg_current_xact_id()
     where greatest(created_in, changed_in) >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
}
