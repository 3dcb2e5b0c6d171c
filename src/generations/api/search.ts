/**
 * Finds prompts that contain a text, where `folded` (migration "search") ignores case and Unicode composition. Prompts of ended generations
 * lie in blocks of a few thousand, which an index of their parts searches one by one (migration "search-blocks"): the search reads from the
 * start of the list until the page is full, whether the text is frequent or rare. A block knows between which times its generations were
 * created and completed.
 */
import { all, joined, raw, type Sql, sql } from '../../db/sql.js';
import { sqlArray } from '../../db/sql-array.js';
import { GenerationStatus, isFinal } from '../status.js';
import { beyondFacets } from './conditions.js';
import { IS_OF_FACET, selectFacets } from './facets.js';
import { GenerationOrderField } from './list-inputs.js';
import { inOrder, keyOf, selectInOrder, type Walk } from './walk.js';

const UNFINISHED = Object.values(GenerationStatus).filter((status) => !isFinal(status));
const IS_UNFINISHED = sql`status = any(${sqlArray(UNFINISHED)}::text[])`;

/** Yields what a walk yields. */
export function selectMatches(walk: Walk, part: string): Sql {
  // Favorites are few: all of them are searched.
  if (walk.conditions.isFavorite) return selectFavorites(walk, part);
  const { direction, field, limit } = walk;
  const [isInside, outermost, nearest] =
    direction === 'desc' ? [raw('>='), raw('min'), raw('last')] : [raw('<='), raw('max'), raw('first')];
  return sql`
    with blocks as materialized (${selectBlocks(walk, part)}),
    -- As many as the page shows, of the blocks that begin nearest: the page ends with the outermost of them at the latest.
    found as materialized (
      select m.id, m.at from (select * from blocks order by ${nearest} ${raw(direction)}) b
      cross join lateral (${selectOfBlock(walk, part)}) m limit ${limit}),
    edge as materialized (select ${outermost}(at) as at from found having count(*) = ${limit})
    select id, at from (
      select id, at from found where not exists (select from edge)
      union all
      select m.id, m.at from edge join blocks b on b.${nearest} ${isInside} edge.at
      cross join lateral (${selectOfBlock(walk, part, [sql`${keyOf(field)} ${isInside} edge.at`])}
        ${inOrder('at', 'm.id', walk)}) m
      union all
      ${selectOutsideBlocks(walk, part)}
    ) m ${inOrder('at', 'id', walk)}`;
}

/** Yields `id` of matches in any order, and reads only as many rows as it yields. */
export function selectAnyMatches(walk: Walk, part: string): Sql {
  if (walk.conditions.isFavorite) return selectFavorites(walk, part);
  return sql`
    with blocks as materialized (${selectBlocks(walk, part)})
    select id from (
      select m.id from blocks b cross join lateral (${selectOfBlock(walk, part)}) m
      union all
      select id from (${selectOutsideBlocks(walk, part)}) o) m limit ${walk.limit}`;
}

/** Yields the blocks that may have matches, with `keys`: what the index has for each match in them. */
function selectBlocks({ userId, conditions, field, bounds }: Walk, part: string): Sql {
  const [first, last] =
    field === GenerationOrderField.CREATED_AT
      ? [raw('first_created'), raw('last_created')]
      : [raw('first_completed'), raw('last_completed')];
  const entries = joined(conditions.entries.map((entry) => sql` || ${entry}`));
  return sql`
    select id, ${first} as first, ${last} as last,
      array(select key # hashint8extended(b.id, 0) from unnest(search_keys(folded(${part}))${entries}) key where key is not null) as keys
    from search_blocks b
    where user_id = ${userId} and ${all([...conditions.dates.blocks, ...bounds.map(({ blocks }) => blocks)])}`;
}

/** Yields `m.id` and `at` of the matches in a block `b`. Offset and limit keep the planner from reading whole tables instead. */
function selectOfBlock({ conditions, field, bounds }: Walk, part: string, more: Sql[] = []): Sql {
  const rows = bounds.map((bound) => bound.rows);
  return sql`
    select m.id, m.at from (
      select g.id, ${keyOf(field)} as at from search_texts g
      where search_entries(g.block, g.status, g.model_id, g.workflow_name, g.output_kinds, g.folded) @> b.keys
        and g.block = b.id and strpos(g.folded, folded(${part})) > 0
        and ${all([...conditions.facets, ...conditions.dates.rows, ...rows, ...more])} offset 0
    ) m cross join lateral (
      select from generations g where g.id = m.id and g.deleted_at is null and ${all(beyondFacets(conditions))} limit 1) g`;
}

/** Yields the matches among unfinished generations, and among ended ones that the cleaner has not put into a block yet. */
const selectOutsideBlocks = ({ userId, conditions, field, bounds }: Walk, part: string): Sql => sql`
  select g.id, ${keyOf(field)} as at
  from (
    select generation_id as id from generation_deltas
    where user_id = ${userId} and generation_id is not null and ${all(conditions.facets)}
    union
    select u.id from (${selectFacets(userId, [...conditions.facets, IS_UNFINISHED])}) f
    cross join lateral (select id from generations g where user_id = ${userId} and deleted_at is null and ${IS_OF_FACET} offset 0) u
  ) o cross join lateral (select * from generations g where g.id = o.id limit 1) g
  where g.deleted_at is null and strpos(folded(g.prompt), folded(${part})) > 0
    and ${all([...conditions.facets, ...beyondFacets(conditions), ...bounds.map(({ rows }) => rows)])}
    and not exists (select from search_texts t where t.id = g.id)`;

const selectFavorites = (walk: Walk, part: string): Sql => sql`
  select w.id, w.at from (${selectInOrder({ ...walk, limit: sql`null` })}) w
  left join lateral (select folded from search_texts t where t.id = w.id limit 1) t on true
  where strpos(coalesce(t.folded, (select folded(g.prompt) from generations g where g.id = w.id)), folded(${part})) > 0
  ${inOrder('w.at', 'w.id', walk)}`;
