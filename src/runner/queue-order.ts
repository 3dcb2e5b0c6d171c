/** The order of the queue: users take turns, and each user's own generations go by priority, then by age. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sqlArray } from '../db/sql-array.js';

/** Sorts rows of `turns` with this alias: the user served longest ago first. */
export const byTurn = (turns: string): string => `${turns}.at, ${turns}.user_id`;

/** Sorts one user's rows of `generations` with this alias: the highest priority first, then the oldest. */
export const byPriority = (generations: string): string =>
  `${generations}.rank, ${generations}.created_at, ${generations}.id`;

/**
 * Returns how many generations are ahead of each waiting one; generations that do not wait are missing. It is an estimate: the turns
 * know neither which backend will be free nor which model that backend has loaded.
 */
export async function readQueuePositions(em: SqlEntityManager, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await em.execute<{ id: string; position: number }[]>(
    // A user's nth generation waits for the first n of every other user, and for one more of each user whose turn comes earlier.
    `with asked as (
       select g.id, g.user_id, t.at, (
         select count(*) from generations o
         where o.waiting and o.user_id = g.user_id and (${byPriority('o')}) < (${byPriority('g')}))::int as nth
       from generations g join turns t using (user_id) where g.waiting and g.id = any(?::uuid[]))
     select a.id, (a.nth + (
       select coalesce(sum(least(t.waiting, a.nth + ((${byTurn('t')}) < (${byTurn('a')}))::int)), 0)
       from turns t where t.waiting > 0 and t.user_id <> a.user_id))::int as position
     from asked a`,
    [sqlArray(ids)],
  );
  return new Map(rows.map(({ id, position }) => [id, position]));
}
