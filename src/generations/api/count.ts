/** Counts the generations of a list, exactly. Status, model, workflow and whole days are counted already; a search and parts of days count what they leave. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { all, joined, type Sql, sql } from '../../db/sql.js';
import { conditionsOf } from './conditions.js';
import { IS_OF_FACET, selectFacets } from './facets.js';
import type { Listing } from './positions.js';
import { selectContaining } from './search.js';

export async function countGenerations(em: SqlEntityManager, listing: Listing): Promise<number> {
  const { text, values } = selectCount(listing);
  const [row] = await em.execute<{ total: number }[]>(text, [...values]);
  return row?.total ?? 0;
}

/** Yields `total`. @throws BAD_USER_INPUT for an invalid filter */
export function selectCount({ userId, filter }: Listing): Sql {
  const { facets, dates, part } = conditionsOf(filter);
  if (part === null) {
    const rest = dates.edges.map((edge) => sql` + (${countEdge(userId, facets, edge)})`);
    const counted = selectFacets(userId, facets, dates.wholeDays);
    return sql`select coalesce(sum(number), 0)::int${joined(rest)} as total from (${counted}) f`;
  }
  const containing = selectContaining(userId, part);
  if (facets.length > 0 || dates.rows.length > 0)
    return sql`select count(*)::int as total from (${containing}) c join generations g on g.id = c.generation_id
      where g.deleted_at is null and ${all([...facets, ...dates.rows])}`;
  // Few generations are deleted: no others are read.
  return sql`select count(*)::int as total from (${containing}) c
    where c.generation_id not in (select id from generations where deleted_at is not null)`;
}

/** Counts the generations of a part of a day. */
const countEdge = (userId: string, facets: Sql[], edge: Sql[]): Sql =>
  facets.length === 0
    ? sql`select count(*)::int from generations g where g.user_id = ${userId} and g.deleted_at is null and ${all(edge)}`
    : sql`select coalesce(sum(c.number), 0)::int from (${selectFacets(userId, facets)}) f
        cross join lateral (
          select count(*) as number from generations g
          where g.user_id = ${userId} and g.deleted_at is null and ${all([IS_OF_FACET, ...edge])}) c`;
