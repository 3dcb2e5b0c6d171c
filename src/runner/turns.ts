/** The users' turns, one row for each user. A trigger on `generations` counts the waiting ones in it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/**
 * Locks the user's turn until the transaction ends, so that generations of one user are created one at a time. Every transaction locks
 * generations first, then turns.
 * @returns how many of the user's generations are waiting
 */
export async function lockTurn(em: SqlEntityManager, userId: string): Promise<number> {
  const [row] = await em.execute<{ waiting: number }[]>(
    `insert into turns (user_id, waiting, at) values (?, 0, now() - interval '1 year')
     on conflict (user_id) do update set waiting = turns.waiting returning waiting`,
    [userId],
  );
  if (!row) throw new Error('PostgreSQL did not return the row it wrote');
  return row.waiting;
}

/** Marks the user as served now: the turns of all other users come first. */
export const endTurn = async (em: SqlEntityManager, userId: string): Promise<void> => {
  await em.execute('update turns set at = clock_timestamp() where user_id = ?', [userId]);
};

/** Counts the waiting generations of all users. */
export async function countWaiting(em: SqlEntityManager): Promise<number> {
  const [row] = await em.execute<{ all: number }[]>(
    `select coalesce(sum(waiting), 0)::int as all from turns where waiting > 0`,
  );
  return row?.all ?? 0;
}
