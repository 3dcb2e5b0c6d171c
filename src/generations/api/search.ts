/**
 * Finds prompts that contain a text, where `folded` (migration "search") ignores case and Unicode composition. Two ways complement each
 * other: a frequent part is found within the first rows of the list, and a rare one leads through the index of parts to few rows.
 */
import { all, raw, type Sql, sql } from '../../db/sql.js';
import { beyondFacets } from './conditions.js';
import { selectDays } from './facets.js';
import { inOrder, keyOf, selectInOrder, type Walk } from './walk.js';

/** A part that one in 150 prompts contains usually fills a page from these. */
const FIRST_ROWS = 3_000;

/**
 * Yields what a walk yields.
 * @param isOrdered whether the order counts: without it, the second way reads only as many rows as it yields
 */
export function selectMatches(walk: Walk, part: string, isOrdered = true): Sql {
  const { userId, conditions, field, bounds, limit } = walk;
  // Favorites are few: all of them are searched.
  if (conditions.isFavorite) return selectContainingOf(selectInOrder({ ...walk, limit: sql`null` }), part, walk);
  const edge = walk.direction === 'desc' ? STARTS_AT : ENDS_AT;
  const first: Walk = {
    ...walk,
    bounds: [...bounds, { rows: sql`${keyOf(field)} ${edge}`, days: raw('true') }],
    limit: sql`(select case when day is not null then ${raw(String(FIRST_ROWS))} end from last)`,
  };
  return sql`
    with last as materialized (${selectLastDay(walk)}),
    found as materialized (${selectContainingOf(selectInOrder(first), part, walk)}),
    -- Whether these are all that the page shows: it is full, or all rows were read.
    verdict as materialized (select (select count(*) from found) = ${limit} or (select day is null from last) as suffices)
    select id, at from found where (select suffices from verdict)
    union all
    (select g.id, ${keyOf(field)} as at
     from (${selectContaining(userId, part)}) c join generations g on g.id = c.generation_id
     where not (select suffices from verdict) and g.deleted_at is null
       and ${all([...conditions.facets, ...beyondFacets(conditions), ...bounds.map(({ rows }) => rows)])}
     ${isOrdered ? inOrder('at', 'g.id', walk) : sql`limit ${limit}`})`;
}

/** Yields the rows whose prompt contains the part, in the order and up to the limit of the walk. */
const selectContainingOf = (rows: Sql, part: string, walk: Walk): Sql => sql`
  select w.id, w.at from (${rows}) w
  -- The limit keeps the planner from reading the whole table instead.
  left join lateral (select folded from search_texts where generation_id = w.id limit 1) t on true
  -- Only a prompt that is not indexed yet is read from its generation.
  where strpos(coalesce(t.folded, (select folded(g.prompt) from generations g where g.id = w.id)), folded(${part})) > 0
  ${inOrder('w.at', 'w.id', walk)}`;

const STARTS_AT = sql`>= coalesce((select day::timestamp at time zone 'UTC' from last), '-infinity')`;
const ENDS_AT = sql`<= coalesce((select (day + 1)::timestamp at time zone 'UTC' from last), 'infinity')`;

/**
 * Yields `day`: from the start of the walk to this day so many generations were created that the first rows are among them; null if there
 * are fewer. It spares reading as many rows of each facet.
 */
function selectLastDay({ userId, conditions, bounds, direction }: Walk): Sql {
  const days = [...conditions.dates.days, ...bounds.map((bound) => bound.days)];
  const [last, order] = direction === 'desc' ? [raw('max'), raw('desc')] : [raw('min'), raw('asc')];
  return sql`
    select ${last}(day) as day from (
      select day, sum(number) over (order by day ${order}) as total from (${selectDays(userId, conditions.facets, days)}) d) s
    where total > ${raw(String(FIRST_ROWS))}`;
}

/** Yields `generation_id` of each generation that contains the part; those that the index does not know yet are read. */
const selectContaining = (userId: string, part: string): Sql => sql`
  select t.generation_id from search_texts t
  where grams(t.user_id, t.folded, 1) @> grams(${userId}, folded(${part}), least(length(folded(${part})), 3))
    and t.user_id = ${userId} and strpos(t.folded, folded(${part})) > 0
  union all
  select d.generation_id from generation_deltas d
  join generations g on g.id = d.generation_id left join search_texts t on t.generation_id = d.generation_id
  where d.user_id = ${userId} and t.generation_id is null and strpos(folded(g.prompt), folded(${part})) > 0`;
