/**
 * Estimates the time of an execution from earlier runs with the same workflow and model, in seconds for each unit of size. The mean
 * follows about the last ten runs, since backends change.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Job } from '../../runner/leases.js';
import { saveExpectedSeconds } from '../../runner/prompts.js';

/** The parameters that the time grows with, if the workflow has them. */
const MEASURES = ['steps', 'width', 'height', 'batchSize'];
const measure = (name: string): string =>
  `case when jsonb_typeof(g.parameters->'${name}') = 'number' then greatest((g.parameters->>'${name}')::float8, 1) else 1 end`;
const SIZE = `(${MEASURES.map(measure).join(' * ')})`;
/** The key of `paces` for the generation `g`; the zero UUID stands for no model. */
const KEY = `g.workflow_name, g.workflow_version, coalesce(g.model_id, '00000000-0000-0000-0000-000000000000')`;
const RUNS_REMEMBERED = 10;

/** Records how long the execution took. Call it in the transaction that completes the generation: it ends at `now()`. */
export async function recordDuration(em: SqlEntityManager, id: string): Promise<void> {
  await em.execute(
    `insert into paces (workflow_name, workflow_version, model_id, seconds, runs)
     select ${KEY}, extract(epoch from now() - g.started_at)::float8 / ${SIZE}, 1
     from generations g where g.id = ? and g.started_at is not null
     on conflict (workflow_name, workflow_version, model_id) do update set
       runs = paces.runs + 1,
       seconds = paces.seconds + (excluded.seconds - paces.seconds) / least(paces.runs + 1, ${RUNS_REMEMBERED})`,
    [id],
  );
}

/** Whether the same work has succeeded before: then a failure is not the workflow's. */
export async function wasDoneBefore(em: SqlEntityManager, id: string): Promise<boolean> {
  const rows = await em.execute(
    `select from generations g join paces on (paces.workflow_name, paces.workflow_version, paces.model_id) = (${KEY}) where g.id = ?`,
    [id],
  );
  return rows.length > 0;
}

/** Estimates how long the execution takes, if the same work was done before. */
export async function saveEta(em: SqlEntityManager, job: Job): Promise<void> {
  const [row] = await em.execute<{ seconds: number }[]>(
    `select paces.seconds * ${SIZE} as seconds
     from generations g join paces on (paces.workflow_name, paces.workflow_version, paces.model_id) = (${KEY}) where g.id = ?`,
    [job.id],
  );
  if (row) await saveExpectedSeconds(em, job, row.seconds);
}
