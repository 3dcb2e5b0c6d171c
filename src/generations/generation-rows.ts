/** Reads generations as plain rows, with the progress of the current attempt. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { PromptProgress } from '../comfyui/index.js';
import { sqlArray } from '../db/sql-array.js';
import type { Generation } from './generation.js';

export type GenerationRow = Pick<
  Generation,
  | 'id'
  | 'userId'
  | 'status'
  | 'revision'
  | 'prompt'
  | 'negativePrompt'
  | 'workflowName'
  | 'workflowVersion'
  | 'modelId'
  | 'seed'
  | 'parameters'
  | 'failure'
  | 'attempt'
  | 'retryOfId'
  | 'waiting'
  | 'rank'
  | 'idempotencyKey'
> & {
  /** Timestamps in PostgreSQL's text format. */
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  updatedAt: string;
  deletedAt: string | null;
  progress: PromptProgress | null;
  progressAt: string | null;
  /** The expected seconds of execution, from earlier runs of the same kind. */
  expectedSeconds: number | null;
  /** Increases with each preview frame; null while there is none. */
  previewNumber: number | null;
};

/** For SQL that names the generation `g`. */
export const GENERATION_COLUMNS = `
  g.id, g.user_id as "userId", g.status, g.revision, g.prompt, g.negative_prompt as "negativePrompt",
  g.workflow_name as "workflowName", g.workflow_version as "workflowVersion", g.model_id as "modelId",
  g.seed::text as seed, g.parameters, g.failure, g.attempt, g.waiting, g.rank, g.idempotency_key as "idempotencyKey", g.retry_of_id as "retryOfId",
  g.created_at::text as "createdAt", g.started_at::text as "startedAt", g.completed_at::text as "completedAt",
  g.updated_at::text as "updatedAt", g.deleted_at::text as "deletedAt",
  p.progress, p.progress_at::text as "progressAt", p.expected_seconds as "expectedSeconds", v.number as "previewNumber"`;

export const FROM_GENERATIONS = `
  from generations g
  left join prompts p on p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null
    and g.status in ('PROCESSING', 'CANCELING')
  left join previews v on v.generation_id = p.generation_id`;

/** In place of the joins of FROM_GENERATIONS, for rows that no backend has had. */
export const WITHOUT_PROMPT = 'left join prompts p on false left join previews v on false';

/** Undefined for an unknown or deleted generation. */
export async function readGeneration(em: SqlEntityManager, id: string): Promise<GenerationRow | undefined> {
  const [row] = await readGenerations(em, [id]);
  return row?.deletedAt === null ? row : undefined;
}

/** Returns the rows in any order, with deleted generations whose row still exists. */
export const readGenerations = (em: SqlEntityManager, ids: readonly string[]): Promise<GenerationRow[]> =>
  em.execute<GenerationRow[]>(`select ${GENERATION_COLUMNS} ${FROM_GENERATIONS} where g.id = any(?::uuid[])`, [
    sqlArray(ids),
  ]);

/** Returns the id of the last backend of each generation. A generation that was never submitted is missing. */
export async function readLastBackends(em: SqlEntityManager, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await em.execute<{ id: string; backendId: string }[]>(
    `select distinct on (generation_id) generation_id as id, backend_id as "backendId"
     from prompts where generation_id = any(?::uuid[]) order by generation_id, attempt desc, created_at desc`,
    [sqlArray(ids)],
  );
  return new Map(rows.map(({ id, backendId }) => [id, backendId]));
}
