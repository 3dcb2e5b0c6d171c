/** Which generations are kept no longer. The one condition of the sweep and of its preview. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/** Of each user. Undefined: unlimited. */
export type Retention = { days: number | undefined; count: number | undefined; bytes: number | undefined };

export const isUnlimited = ({ days, count, bytes }: Retention): boolean =>
  days === undefined && count === undefined && bytes === undefined;

/** Unfinished generations and favorites are kept, and count neither by their number nor by their size. */
const MAY_EXPIRE = 'g.deleted_at is null and g.completed_at is not null and not g.is_favorite';

/** SQL of a user's expired ids. The newest are kept: as many as the count, and as many as fit into the bytes. */
const EXPIRED = `
  select id from (
    select g.id, g.created_at, row_number() over newest as nth, sum(size.bytes) over newest as bytes
    from generations g cross join lateral (
      select coalesce(sum(made.byte_size), 0) as bytes
      from results r cross join lateral (
        select byte_size from images where result_id = r.id union all select byte_size from files where result_id = r.id) made
      where ?::float8 is not null and r.generation_id = g.id) size
    where g.user_id = ? and ${MAY_EXPIRE}
    window newest as (order by g.created_at desc, g.id desc)) kept
  where created_at < now() - ?::float8 * interval '1 day' or nth > ?::float8 or bytes > ?::float8`;

const valuesOf = (userId: string, { days, count, bytes }: Retention) =>
  [bytes, userId, days, count, bytes].map((value) => value ?? null);

export async function countExpired(em: SqlEntityManager, userId: string, retention: Retention): Promise<number> {
  if (isUnlimited(retention)) return 0;
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from (${EXPIRED}) expired`,
    valuesOf(userId, retention),
  );
  return row?.count ?? 0;
}

/** Locks the oldest of them, so that nothing changes them before they are deleted. Leaves out those that another server has locked. */
export async function lockExpired(
  em: SqlEntityManager,
  userId: string,
  retention: Retention,
  limit: number,
): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select g.id from generations g where g.id in (${EXPIRED}) and ${MAY_EXPIRE}
     order by g.created_at, g.id limit ? for no key update skip locked`,
    [...valuesOf(userId, retention), limit],
  );
  return rows.map(({ id }) => id);
}
