/** Reads generations as plain rows, with the progress of the current attempt. */
import { type OwnResultRow, RESULT_AS_JSON } from '../assets/result-rows.js';
import { type ModelRow, modelAsJson } from '../backends/model-rows.js';
import type { PromptProgress } from '../comfyui/index.js';
import type { SqlRunner } from '../db/reads.js';
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
  | 'workflowId'
  | 'modelId'
  | 'seed'
  | 'parameters'
  | 'failure'
  | 'attempt'
  | 'retryOfId'
  | 'waiting'
  | 'rank'
  | 'idempotencyKey'
  | 'isFavorite'
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

/** What one statement reads with the generations. Loaders read the rest. */
export type Parts = { model: boolean; isModelAvailable: boolean; result: boolean };
/** A part that was not read is undefined. */
export type GenerationWithParts = GenerationRow & { model?: ModelRow | null; result?: OwnResultRow | null };

const NO_PARTS: Parts = { model: false, isModelAvailable: false, result: false };

/** For SQL that names the generation `g` and its progress `p`. */
export const GENERATION_COLUMNS = `
  g.id, g.user_id as "userId", g.status, g.revision, g.prompt, g.negative_prompt as "negativePrompt",
  g.workflow_name as "workflowName", g.workflow_version as "workflowVersion", g.workflow_id as "workflowId", g.model_id as "modelId",
  g.seed::text as seed, g.parameters, g.failure, g.attempt, g.waiting, g.rank, g.idempotency_key as "idempotencyKey", g.retry_of_id as "retryOfId", g.is_favorite as "isFavorite",
  g.created_at::text as "createdAt", g.started_at::text as "startedAt", g.completed_at::text as "completedAt",
  g.updated_at::text as "updatedAt", g.deleted_at::text as "deletedAt",
  p.progress, p.progress_at::text as "progressAt", p.expected_seconds as "expectedSeconds", p.number as "previewNumber"`;

const WITH_PROGRESS = `left join lateral (
  select p.progress, p.progress_at, p.expected_seconds, v.number
  from prompts p left join previews v on v.generation_id = p.generation_id
  where p.generation_id = g.id and p.ended_at is null and p.abandoned_at is null and g.status in ('PROCESSING', 'CANCELING')
  limit 1) p on true`;

/** SQL: selects generations with parts. @param from what follows FROM: it names the generation `g` */
export function selectGenerations(from: string, { model, isModelAvailable, result }: Parts, more = ''): string {
  const parts = [
    ...(model ? [`${modelAsJson('g.model_id', isModelAvailable)} as model`] : []),
    ...(result ? [`case g.status when 'COMPLETED' then ${RESULT_AS_JSON} end as result`] : []),
  ];
  return `select ${[GENERATION_COLUMNS, ...parts].join()} ${more} from ${from} ${WITH_PROGRESS}`;
}

/** In place of the progress, for rows that no backend has had. */
export const WITHOUT_PROGRESS = `left join (
  select p.progress, p.progress_at, p.expected_seconds, v.number from prompts p cross join previews v) p on false`;

/** SQL with the id as its value. A deleted generation is not found. */
export const selectGeneration = (parts: Parts): string =>
  `${selectGenerations('generations g', parts)} where g.id = ? and g.deleted_at is null`;

/** Undefined for an unknown or deleted generation. */
export async function readGeneration(
  sql: SqlRunner,
  id: string,
  parts: Parts = NO_PARTS,
): Promise<GenerationWithParts | undefined> {
  const [row] = await sql.execute<GenerationWithParts[]>(selectGeneration(parts), [id]);
  return row;
}

/** Returns the rows in any order, with deleted generations whose row still exists. */
export const readGenerations = (sql: SqlRunner, ids: readonly string[]): Promise<GenerationRow[]> =>
  sql.execute<GenerationRow[]>(`${selectGenerations('generations g', NO_PARTS)} where g.id = any(?::uuid[])`, [
    sqlArray(ids),
  ]);

/** Returns the id of the last backend of each generation. A generation that was never submitted is missing. */
export async function readLastBackends(sql: SqlRunner, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.execute<{ id: string; backendId: string }[]>(
    `select distinct on (generation_id) generation_id as id, backend_id as "backendId"
     from prompts where generation_id = any(?::uuid[]) order by generation_id, attempt desc, created_at desc`,
    [sqlArray(ids)],
  );
  return new Map(rows.map(({ id, backendId }) => [id, backendId]));
}
