/** Reads generations as plain rows, the progress of the attempt at work included. Every reader goes through here. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { PromptProgress } from '../comfyui/index.js';
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
  | 'waiting'
> & {
  /** Timestamps are PostgreSQL's text. */
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  updatedAt: string;
  deletedAt: string | null;
  /** Milliseconds since it was asked for, on PostgreSQL's clock. */
  ageMs: number;
  progress: PromptProgress | null;
  progressAt: string | null;
  /** Rises with every preview frame; null while there is none. */
  previewNumber: number | null;
};

/** For statements that name the generation `g`. */
export const GENERATION_COLUMNS = `
  g.id, g.user_id as "userId", g.status, g.revision, g.prompt, g.negative_prompt as "negativePrompt",
  g.workflow_name as "workflowName", g.workflow_version as "workflowVersion", g.model_id as "modelId",
  g.seed::text as seed, g.parameters, g.failure, g.attempt, g.waiting,
  g.created_at::text as "createdAt", g.started_at::text as "startedAt", g.completed_at::text as "completedAt",
  g.updated_at::text as "updatedAt", g.deleted_at::text as "deletedAt",
  extract(epoch from clock_timestamp() - g.created_at)::float8 * 1000 as "ageMs",
  p.progress, p.progress_at::text as "progressAt", v.number as "previewNumber"`;

export const FROM_GENERATIONS = `
  from generations g
  left join prompts p on p.generation_id = g.id and p.ended_at is null and p.fence = g.fence
    and g.status in ('PROCESSING', 'CANCELING')
  left join previews v on v.generation_id = p.generation_id`;

export async function readGeneration(em: SqlEntityManager, id: string): Promise<GenerationRow | undefined> {
  const [row] = await readGenerations(em, [id]);
  return row?.deletedAt === null ? row : undefined;
}

/** In any order; deleted ones included as long as their tombstone stands. */
export const readGenerations = (em: SqlEntityManager, ids: readonly string[]): Promise<GenerationRow[]> =>
  em.execute<GenerationRow[]>(`select ${GENERATION_COLUMNS} ${FROM_GENERATIONS} where g.id = any(?::uuid[])`, [
    `{${ids.join(',')}}`,
  ]);

/** How many go before each: the waiting ones that a backend takes first. 0 for one that is on its way already. */
export async function readQueuePositions(em: SqlEntityManager, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await em.execute<{ id: string; position: number }[]>(
    `select g.id, (
       select count(*) from generations o
       where g.waiting and o.waiting and (o.rank, o.created_at, o.id) < (g.rank, g.created_at, g.id)
     )::int as position
     from generations g where g.id = any(?::uuid[])`,
    [`{${ids.join(',')}}`],
  );
  return new Map(rows.map(({ id, position }) => [id, position]));
}
