/** Reads and writes the prompt of a job. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Graph, NodeOutput, PromptProgress } from '../comfyui/index.js';
import { anyOf, now, query } from '../db/query.js';
import type { Job } from './leases.js';

export type StoredPrompt = {
  graph: Graph | undefined;
  isSubmitted: boolean;
  progress: PromptProgress | undefined;
  /** The outputs that `executed` messages have named, by node. */
  outputs: Record<string, NodeOutput>;
};

export async function readPrompt(em: SqlEntityManager, promptId: string): Promise<StoredPrompt> {
  const row = await query(em)
    .selectFrom('prompts')
    .select(['graph', 'submitted_at', 'progress', 'outputs'])
    .where('id', '=', promptId)
    .executeTakeFirst();
  if (!row) throw new Error('A job has no prompt');
  return {
    graph: row.graph === null ? undefined : (JSON.parse(row.graph) as Graph),
    isSubmitted: row.submitted_at !== null,
    progress: row.progress ?? undefined,
    outputs: row.outputs ?? {},
  };
}

/** Whether ComfyUI may know the prompt. */
export async function isSubmitted(em: SqlEntityManager, promptId: string): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('submitted_at', 'is not', null);
  return (await rows.execute()).length > 0;
}

/** Updates the prompt unless another process has taken the job since. */
const updateHeld = (em: SqlEntityManager, { promptId, fence }: Job) =>
  query(em).updateTable('prompts').where('id', '=', promptId).where('fence', '=', fence);

/** Saves the graph before it is submitted, so that every takeover submits the same one. */
export async function saveGraph(em: SqlEntityManager, job: Job, graph: Graph): Promise<void> {
  await updateHeld(em, job)
    .set({ graph: JSON.stringify(graph) })
    .execute();
}

/** Marks the prompt as known to ComfyUI, just before it is submitted, if the job is still wanted and this process still holds it. */
export async function markSubmitted(
  em: SqlEntityManager,
  { id, promptId, fence }: Job,
): Promise<'wanted' | 'unwanted' | 'lost'> {
  const [row] = await em.execute<{ isWanted: boolean }[]>(
    `update prompts set submitted_at = case when g.status in ('PENDING', 'PROCESSING') then now() else submitted_at end
     from generations g
     where prompts.id = ? and prompts.fence = ? and prompts.lease_until > now() and prompts.ended_at is null
       and g.id = ? and g.fence = prompts.fence
     returning g.status in ('PENDING', 'PROCESSING') as "isWanted"`,
    [promptId, fence, id],
  );
  if (!row) return 'lost';
  return row.isWanted ? 'wanted' : 'unwanted';
}

/** Whether this process still holds the open prompt. */
export async function isHeld(em: SqlEntityManager, { promptId, fence }: Job): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('fence', '=', fence);
  return (await rows.where('ended_at', 'is', null).execute()).length > 0;
}

export async function isOpen(em: SqlEntityManager, promptId: string): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('ended_at', 'is', null);
  return (await rows.execute()).length > 0;
}

/** Saves an output as soon as it is named: ComfyUI may forget it before it is fetched. */
export async function saveOutput(em: SqlEntityManager, job: Job, nodeId: string, output: NodeOutput): Promise<void> {
  const added = JSON.stringify({ [nodeId]: output });
  await updateHeld(em, job)
    .set({ outputs: sql`coalesce(outputs, '{}') || ${added}::jsonb` })
    .execute();
}

/** Records whether the holder only waits for ComfyUI. */
export async function setIdle(em: SqlEntityManager, job: Job, idle: boolean): Promise<void> {
  await updateHeld(em, job).set({ idle }).where('idle', '<>', idle).execute();
}

/** Records when ComfyUI was first asked to cancel the prompt: a backend that takes long to do so is unhealthy. */
export async function markCancelSent(em: SqlEntityManager, job: Job): Promise<void> {
  await updateHeld(em, job).set({ stop_asked_at: sql`coalesce(stop_asked_at, now())` }).execute();
}

export async function saveProgress(
  em: SqlEntityManager,
  { promptId, fence }: Job,
  progress: PromptProgress,
): Promise<void> {
  await em.execute(
    `update prompts set progress = ?, progress_at = clock_timestamp() where id = ? and fence = ? and ended_at is null`,
    [JSON.stringify(progress), promptId, fence],
  );
}

/** Marks the saved progress as changed, for a new preview. Without progress it does nothing: previews are shown with progress only. */
export async function touchProgress(em: SqlEntityManager, { promptId, fence }: Job): Promise<void> {
  await em.execute(
    'update prompts set progress_at = clock_timestamp() where id = ? and fence = ? and progress is not null',
    [promptId, fence],
  );
}

/** Saves how long the execution is expected to take. */
export async function saveExpectedSeconds(em: SqlEntityManager, job: Job, seconds: number): Promise<void> {
  await updateHeld(em, job).set({ expected_seconds: seconds }).execute();
}

/** Records that ComfyUI's history no longer has these prompts. */
export async function markForgotten(em: SqlEntityManager, promptIds: readonly string[]): Promise<void> {
  await query(em).updateTable('prompts').set({ forgotten_at: now }).where('id', '=', anyOf(promptIds)).execute();
}

/** Ends the prompt, which frees its slot. */
export async function endPrompt(em: SqlEntityManager, { promptId, fence }: Job): Promise<void> {
  await em.execute(
    `with ended as (
       update prompts set ended_at = now() where id = ? and fence = ? and ended_at is null returning generation_id)
     delete from previews using ended where previews.generation_id = ended.generation_id`,
    [promptId, fence],
  );
}
