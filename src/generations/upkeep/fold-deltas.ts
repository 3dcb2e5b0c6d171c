/** Folds what was appended to `generation_deltas` into the counts of lists and into the texts for searching. Lists read both, so they do not wait for it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

const BATCH = 1_000;

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
  texts as (
    insert into search_texts
    select g.id, g.user_id, folded(g.prompt) from gone join generations g on g.id = gone.generation_id
    where g.deleted_at is null on conflict do nothing)
  select count(*)::int as folded from gone`;

/** While a delta is left, a count of 0 may be of generations that exist, and their times of completion are kept. */
const DELETE_EMPTY = `
  delete from generation_counts c where number = 0 and not exists (select from generation_deltas d where d.user_id = c.user_id)`;

/** Stops between two batches when the signal aborts. */
export async function foldDeltas(em: SqlEntityManager, signal?: AbortSignal): Promise<void> {
  let folded = BATCH;
  while (folded === BATCH && !signal?.aborted) {
    const [row] = await em.execute<{ folded: number }[]>(FOLD);
    folded = row?.folded ?? 0;
  }
  await em.execute(DELETE_EMPTY);
}
