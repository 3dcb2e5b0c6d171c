/** Counts the generations of a list. Facets and whole days are counted already; parts of days count what they leave. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { all, joined, raw, type Sql, sql } from '../../db/sql.js';
import { beyondFacets, conditionsOf } from './conditions.js';
import { IS_OF_FACET, selectFacets } from './facets.js';
import { GenerationOrderField } from './list-inputs.js';
import type { Listing } from './positions.js';
import { selectAnyMatches } from './search.js';

/** With a search, more are not counted: each has to be found. */
export const MAX_SEARCH_COUNT = 1_000;

export async function countGenerations(em: SqlEntityManager, listing: Listing): Promise<number> {
  const { text, values } = selectCount(listing);
  const [row] = await em.execute<{ total: number }[]>(text, [...values]);
  return row?.total ?? 0;
}

/** Yields `total`. @throws BAD_USER_INPUT for an invalid filter */
export function selectCount({ userId, filter }: Listing): Sql {
  const conditions = conditionsOf(filter);
  const { facets, dates, isFavorite, part } = conditions;
  if (part === null) {
    if (isFavorite) return sql`select (${countFavorites(userId, [...facets, ...beyondFacets(conditions)])}) as total`;
    const rest = dates.edges.map((edge) => sql` + (${countEdge(userId, facets, edge)})`);
    if (isFavorite === false) rest.push(sql` - (${countFavorites(userId, [...facets, ...dates.rows])})`);
    const counted = selectFacets(userId, facets, dates.wholeDays);
    return sql`select coalesce(sum(number), 0)::int${joined(rest)} as total from (${counted}) f`;
  }
  const walk = {
    columns: 'g.id',
    userId,
    conditions,
    field: GenerationOrderField.CREATED_AT,
    direction: 'desc',
  } as const;
  const found = selectAnyMatches({ ...walk, bounds: [], limit: raw(String(MAX_SEARCH_COUNT)) }, part);
  return sql`select count(*)::int as total from (${found}) m`;
}

/** Favorites are few: counting them reads the index of favorites. */
const countFavorites = (userId: string, conditions: Sql[]): Sql => sql`
  select count(*)::int from generations g
  where g.user_id = ${userId} and g.deleted_at is null and g.is_favorite and ${all(conditions)}`;

/** Counts the generations of a part of a day. */
const countEdge = (userId: string, facets: Sql[], edge: Sql[]): Sql =>
  facets.length === 0
    ? sql`select count(*)::int from generations g where g.user_id = ${userId} and g.deleted_at is null and ${all(edge)}`
    : sql`select coalesce(sum(c.number), 0)::int from (${selectFacets(userId, facets)}) f
        cross join lateral (
          select count(*) as number from generations g
          where g.user_id = ${userId} and g.deleted_at is null and ${all([IS_OF_FACET, ...edge])}) c`;
