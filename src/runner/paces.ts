/**
 * Estimates the time of an execution from earlier runs with the same workflow and model, in seconds for each unit of size. The mean
 * follows about the last ten runs, since backends change.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';

/** The parameters that the time grows with, if the workflow has them. */
const MEASURES = ['steps', 'width', 'height', 'batchSize'];
const measure = (name: string): string =>
  `case when jsonb_typeof(g.parameters->'${name}') = 'number' then greatest((g.parameters->>'${name}')::float8, 1) else 1 end`;
const SIZE = `(${MEASURES.map(measure).join(' * ')})`;
/**
 * The key of `paces` for the generation `g`. Two users may give one name to different workflows, so that the name of a saved workflow is its
 * id here; the zero UUID stands for no model.
 */
const KEY = `coalesce(g.workflow_id::text, g.workflow_name), g.workflow_version, coalesce(g.model_id, '00000000-0000-0000-0000-000000000000')`;
const RUNS_REMEMBERED = 10;

/** SQL: those of the generation `g`. */
const ITS_PACES = `paces where (paces.workflow_name, paces.workflow_version, paces.model_id) = (${KEY})`;

/**
 * SQL: records how long the execution of the generation in `g` took. Its parameter is the time in seconds by ComfyUI's clock; null if that
 * is unknown: then the execution ends at `now()`. A run that ends while another of the same work is recorded is not counted: it would wait
 * until the other is on the disk.
 */
export const RECORD_DURATION = `
  insert into paces (workflow_name, workflow_version, model_id, seconds, runs)
  select ${KEY}, coalesce(?::float8, extract(epoch from now() - g.started_at)) / ${SIZE}, 1 from g where g.started_at is not null
    and (not exists (select from ${ITS_PACES}) or exists (select from ${ITS_PACES} for no key update skip locked))
  on conflict (workflow_name, workflow_version, model_id) do update set
    runs = paces.runs + 1,
    seconds = paces.seconds + (excluded.seconds - paces.seconds) / least(paces.runs + 1, ${RUNS_REMEMBERED})`;

/** SQL: how long the execution of the generation `g` takes; null if the same work was not done before. */
export const EXPECTED_SECONDS = `(
  select paces.seconds * ${SIZE} from ${ITS_PACES})`;

/** Whether the same work has succeeded before: then a failure is not the workflow's. */
export async function wasDoneBefore(em: SqlEntityManager, id: string): Promise<boolean> {
  const rows = await em.execute(
    `select from generations g join paces on (paces.workflow_name, paces.workflow_version, paces.model_id) = (${KEY}) where g.id = ?`,
    [id],
  );
  return rows.length > 0;
}
