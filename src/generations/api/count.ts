/** Counts the generations of a list, exactly. Status, model and workflow are counted already; a search and dates count what they leave. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { all, type Sql, sql } from '../../db/sql.js';
import { conditionsOf } from './conditions.js';
import { selectFacets } from './facets.js';
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
  if (part === null && dates.length === 0)
    return sql`select coalesce(sum(number), 0)::int as total from (${selectFacets(userId, facets)}) f`;
  const ofFacet = sql`facet(g.status, g.model_id, g.workflow_name) = facet(f.status, f.model_id, f.workflow_name)`;
  if (part === null && facets.length > 0)
    return sql`select coalesce(sum(c.number), 0)::int as total from (${selectFacets(userId, facets)}) f
      cross join lateral (
        select count(*) as number from generations g
        where g.user_id = ${userId} and g.deleted_at is null and ${all([ofFacet, ...dates])}) c`;
  if (part === null)
    return sql`select count(*)::int as total from generations g
      where g.user_id = ${userId} and g.deleted_at is null and ${all(dates)}`;
  const containing = selectContaining(userId, part);
  if (facets.length > 0 || dates.length > 0)
    return sql`select count(*)::int as total from (${containing}) c join generations g on g.id = c.generation_id
      where g.deleted_at is null and ${all([...facets, ...dates])}`;
  // Few generations are deleted: no others are read.
  return sql`select count(*)::int as total from (${containing}) c
    where c.generation_id not in (select id from generations where deleted_at is not null)`;
}
