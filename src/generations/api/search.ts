/**
 * Finds prompts that contain a text, where `folded` (migration "search") ignores case and Unicode composition. Two ways complement each
 * other: a frequent part is found within the first rows of the list, and a rare one leads through the index of parts to few rows.
 */
import { all, type Sql, sql } from '../../db/sql.js';
import { GenerationOrderField } from './list-inputs.js';
import { inOrder, keyOf, selectInOrder, type Walk } from './walk.js';

/** A part that one in fifty prompts contains usually fills a page from these. */
const FIRST_ROWS = 1_000;
/** With a filter by status, model or workflow, and by the time of completion, a walk reads as many rows of each combination. */
const FIRST_ROWS_OF_FACETS = 100;

/** Yields what a walk yields. */
export function selectMatches(walk: Walk, part: string): Sql {
  const { userId, conditions, field, bounds, limit } = walk;
  const rows =
    conditions.facets.length === 0 && field === GenerationOrderField.CREATED_AT ? FIRST_ROWS : FIRST_ROWS_OF_FACETS;
  const first = selectInOrder({ ...walk, limit: rows });
  return sql`
    with found as materialized (
      select w.id, w.at from (${first}) w
      left join search_texts t on t.generation_id = w.id
      -- Only a prompt that is not indexed yet is read from its generation.
      where strpos(coalesce(t.folded, (select folded(g.prompt) from generations g where g.id = w.id)), folded(${part})) > 0
      ${inOrder('w.at', 'w.id', walk)}),
    -- Whether these are all that the page shows. The second count runs only if the first does not suffice.
    verdict as materialized (
      select case when (select count(*) from found) = ${limit} then true
        else (select count(*) from (${first}) w) < ${rows} end as suffices)
    select id, at from found where (select suffices from verdict)
    union all
    (select g.id, ${keyOf(field)} as at
     from (${selectContaining(userId, part)}) c join generations g on g.id = c.generation_id
     where not (select suffices from verdict) and g.deleted_at is null
       and ${all([...conditions.facets, ...conditions.dates.rows, ...bounds])}
     ${inOrder('at', 'g.id', walk)})`;
}

/** Yields `generation_id` of each generation that contains the part; those that the index does not know yet are read. */
export const selectContaining = (userId: string, part: string): Sql => sql`
  select t.generation_id from search_texts t
  where grams(t.user_id, t.folded, 1) @> grams(${userId}, folded(${part}), least(length(folded(${part})), 3))
    and t.user_id = ${userId} and strpos(t.folded, folded(${part})) > 0
  union all
  select d.generation_id from generation_deltas d
  join generations g on g.id = d.generation_id left join search_texts t on t.generation_id = d.generation_id
  where d.user_id = ${userId} and t.generation_id is null and strpos(folded(g.prompt), folded(${part})) > 0`;
