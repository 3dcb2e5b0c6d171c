/** Folds what was appended to `generation_deltas` into the counts of lists and into the texts for searching. Lists read both, so they do not wait for it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

const BATCH = 1_000;

/** Servers may fold at the same time: each delta is deleted once. Counts are written in one order, so that no two wait for each other. */
const FOLD = `
  with gone as (
    delete from generation_deltas
    where ctid = any(array(select ctid from generation_deltas limit ${BATCH} for update skip locked)) returning *),
  counted as (
    insert into generation_counts
    select user_id, status, model_id, workflow_name, sum(number) from gone
    group by user_id, status, model_id, workflow_name having sum(number) <> 0
    order by user_id, status, workflow_name, model_id
    on conflict (user_id, status, workflow_name, coalesce(model_id, '00000000-0000-0000-0000-000000000000'))
    do update set number = generation_counts.number + excluded.number),
  texts as (
    insert into search_texts
    select g.id, g.user_id, folded(g.prompt) from gone join generations g on g.id = gone.generation_id
    where g.deleted_at is null on conflict do nothing)
  select count(*)::int as folded from gone`;

/** Stops between two batches when the signal aborts. */
export async function foldDeltas(em: SqlEntityManager, signal?: AbortSignal): Promise<void> {
  let folded = BATCH;
  while (folded === BATCH && !signal?.aborted) {
    const [row] = await em.execute<{ folded: number }[]>(FOLD);
    folded = row?.folded ?? 0;
  }
  await em.execute('delete from generation_counts where number = 0');
}
