/** The order of the queue: users take turns, and each user's own generations go by priority, then by age. */
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';

/** Sorts rows of `turns` with this alias: the user served longest ago first. */
export const byTurn = (turns: string): string => `${turns}.at, ${turns}.user_id`;

/** Sorts one user's rows of `generations` with this alias: the highest priority first, then the oldest. */
export const byPriority = (generations: string): string =>
  `${generations}.rank, ${generations}.created_at, ${generations}.id`;

/**
 * Returns how many generations are ahead of each one that waits, or that is next in the queue of its ComfyUI; others are missing. It is an
 * estimate: the turns know neither which backend will be free nor which model that backend has loaded.
 */
export async function readQueuePositions(sql: SqlRunner, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.execute<{ id: string; position: number }[]>(
    // A user's nth generation waits for the first n of every other user, for one more of each user whose turn comes earlier, and for all
    // that the ComfyUIs have in their own queues.
    `with held as materialized (
       select p.generation_id as id, row_number() over (partition by p.backend_id order by p.created_at, p.id) - 1 as before
       from prompts p join generations g on g.id = p.generation_id
       where p.ended_at is null and p.abandoned_at is null and not g.waiting and g.started_at is null
         and g.status in ('PENDING', 'PROCESSING')),
     asked as (
       select g.id, g.user_id, t.at, (
         select count(*) from generations o
         where o.waiting and o.user_id = g.user_id and (${byPriority('o')}) < (${byPriority('g')}))::int as nth
       from generations g join turns t using (user_id) where g.waiting and g.id = any(?::uuid[]))
     select a.id, (a.nth + (select count(*) from held) + (
       select coalesce(sum(least(t.waiting, a.nth + ((${byTurn('t')}) < (${byTurn('a')}))::int)), 0)
       from turns t where t.waiting > 0 and t.user_id <> a.user_id))::int as position
     from asked a
     union all select id, before::int from held where id = any(?::uuid[])`,
    [sqlArray(ids), sqlArray(ids)],
  );
  return new Map(rows.map(({ id, position }) => [id, position]));
}
