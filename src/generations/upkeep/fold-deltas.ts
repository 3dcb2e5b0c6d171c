/** Folds what was appended to `generation_deltas` into the counts of lists and into the texts for searching. Lists read both, so they do not wait for it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

const BATCH = 1_000;
/** Frequent texts are found by reading a whole block, and rare ones by a look into each: this size makes both fast at a million. */
const BLOCK = 8_192;

/** Servers may fold at the same time: each delta is deleted once. Counts are written in one order, so that no two wait for each other. */
const FOLD = `
  with gone as (
    delete from generation_deltas
    where ctid = any(array(select ctid from generation_deltas limit ${BATCH} for update skip locked)) returning *),
  counted as (
    insert into generation_counts as c
    select user_id, status, model_id, workflow_name, sum(number), coalesce(day, 'infinity'), min(completed_at), max(completed_at), output_kinds
    from gone where number <> 0 group by user_id, status, model_id, workflow_name, output_kinds, rollup (day)
    order by user_id, coalesce(day, 'infinity'), status, workflow_name, output_kinds, model_id
    on conflict (user_id, day, status, workflow_name, output_kinds, coalesce(model_id, '00000000-0000-0000-0000-000000000000'))
    do update set number = c.number + excluded.number, first_completed = least(c.first_completed, excluded.first_completed),
      last_completed = greatest(c.last_completed, excluded.last_completed)),
  ended as (
    select g.id, g.user_id, g.status, g.model_id, g.workflow_name, g.output_kinds, g.created_at,
      coalesce(g.completed_at, 'infinity') as completed_at, folded(g.prompt) as folded
    from generations g where g.id in (select generation_id from gone) and g.deleted_at is null),
  -- A block that another server is filling is left to it.
  open as (
    select id, user_id from search_blocks where user_id in (select user_id from ended) and number < ${BLOCK} for update skip locked),
  filled as (select user_id, max(id) as id from open group by user_id),
  added as (
    select user_id, count(*) as number, min(created_at) as first_created, max(created_at) as last_created,
      min(completed_at) as first_completed, max(completed_at) as last_completed
    from ended group by user_id),
  grown as (
    update search_blocks b set number = b.number + a.number,
      first_created = least(b.first_created, a.first_created), last_created = greatest(b.last_created, a.last_created),
      first_completed = least(b.first_completed, a.first_completed), last_completed = greatest(b.last_completed, a.last_completed)
    from added a join filled using (user_id) where b.id = filled.id returning b.id, b.user_id),
  begun as (
    insert into search_blocks (user_id, number, first_created, last_created, first_completed, last_completed)
    select * from added where user_id not in (select user_id from filled) returning id, user_id),
  texts as (
    insert into search_texts
    select e.id, b.id, e.status, e.model_id, e.workflow_name, e.output_kinds, e.created_at, e.completed_at, e.folded
    from ended e join (select * from grown union all select * from begun) b using (user_id)
    -- Only of a generation that changed after its end, while its prompt was folded.
    on conflict (id) do update set block = excluded.block, model_id = excluded.model_id)
  select count(*)::int as folded from gone`;

/** A search reads what was inserted since the last time one by one, once for each block. */
const MERGE = `select gin_clean_pending_list('search_texts_entries')`;

/** While a delta is left, a count of 0 may be of generations that exist, and their times of completion are kept. */
const DELETE_EMPTY = `
  delete from generation_counts c where number = 0 and not exists (select from generation_deltas d where d.user_id = c.user_id)`;

/** Stops between two batches when the signal aborts. */
export async function foldDeltas(em: SqlEntityManager, signal?: AbortSignal): Promise<void> {
  let folded = BATCH;
  while (folded === BATCH && !signal?.aborted) {
    const [row] = await em.execute<{ folded: number }[]>(FOLD);
    folded = row?.folded ?? 0;
    if (folded > 0) await em.execute(MERGE);
  }
  await em.execute(DELETE_EMPTY);
}
