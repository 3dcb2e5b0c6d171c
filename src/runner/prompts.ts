/** Reads and writes the prompt of a job. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { NodeOutput, PromptProgress } from '../comfyui/index.js';
import { anyOf, now, query } from '../db/query.js';
import type { SqlRunner } from '../db/reads.js';
import type { HeldJob } from './leases.js';

/** Whether ComfyUI may know the prompt. */
export async function isSubmitted(em: SqlEntityManager, promptId: string): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('submitted_at', 'is not', null);
  return (await rows.execute()).length > 0;
}

/** Updates the prompt unless another process has taken the job since. */
const updateHeld = (em: SqlEntityManager, { promptId, fence }: HeldJob) =>
  query(em).updateTable('prompts').where('id', '=', promptId).where('fence', '=', fence);

/**
 * Marks the prompt as known to ComfyUI, just before it is submitted, if the job is still wanted and this process still holds it. Saves the
 * graph with it, so that every takeover submits the same one.
 */
export async function markSubmitted(
  statements: SqlRunner,
  { id, promptId, fence }: HeldJob,
  graph: string | null,
): Promise<'wanted' | 'unwanted' | 'lost'> {
  const [row] = await statements.execute<{ isWanted: boolean }[]>(
    `update prompts set graph = coalesce(graph, ?),
       submitted_at = case when g.status in ('PENDING', 'PROCESSING') then now() else submitted_at end
     from generations g
     where prompts.id = ? and prompts.fence = ? and prompts.lease_until > now() and prompts.ended_at is null
       and g.id = ? and g.fence = prompts.fence
     returning g.status in ('PENDING', 'PROCESSING') as "isWanted"`,
    [graph, promptId, fence, id],
  );
  if (!row) return 'lost';
  return row.isWanted ? 'wanted' : 'unwanted';
}

/** Whether this process still holds the open prompt. */
export async function isHeld(em: SqlEntityManager, { promptId, fence }: HeldJob): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('fence', '=', fence);
  return (await rows.where('ended_at', 'is', null).execute()).length > 0;
}

export async function isOpen(em: SqlEntityManager, promptId: string): Promise<boolean> {
  const rows = query(em).selectFrom('prompts').where('id', '=', promptId).where('ended_at', 'is', null);
  return (await rows.execute()).length > 0;
}

/** Records whether the holder only waits for ComfyUI. */
export async function setIdle(em: SqlEntityManager, job: HeldJob, idle: boolean): Promise<void> {
  await updateHeld(em, job).set({ idle }).where('idle', '<>', idle).execute();
}

/** Records when ComfyUI was first asked to cancel the prompt: a backend that takes long to do so is unhealthy. */
export async function markCancelSent(em: SqlEntityManager, job: HeldJob): Promise<void> {
  await updateHeld(em, job).set({ stop_asked_at: sql`coalesce(stop_asked_at, now())` }).execute();
}

/** What a prompt has reached: each part only if it is new. */
type Reached = {
  progress: PromptProgress | undefined;
  /** By node. Saved as soon as they are named: ComfyUI may forget them before they are fetched. */
  outputs: Record<string, NodeOutput>;
};

/**
 * SQL: saves what the prompt has reached. A new preview alone also marks the progress as changed; previews are shown with progress only.
 * The next write follows in a moment, so this one does not wait for the disk unless it saves outputs.
 */
export const SAVE_REACHED = `
  update prompts set progress = coalesce(?::jsonb, progress), outputs = case when ?::jsonb is null then outputs else coalesce(outputs, '{}') || ?::jsonb end,
    progress_at = case when ?::jsonb is null and progress is null then progress_at else clock_timestamp() end
  where id = ? and fence = ? and ended_at is null
  returning set_config('synchronous_commit', case when ?::jsonb is null then 'off' else current_setting('synchronous_commit') end, true)`;

export function reachedValues({ promptId, fence }: HeldJob, { progress, outputs }: Reached): unknown[] {
  const named = Object.keys(outputs).length > 0 ? JSON.stringify(outputs) : null;
  const saved = progress ? JSON.stringify(progress) : null;
  return [saved, named, named, saved, promptId, fence, named];
}

/** Records that ComfyUI's history no longer has these prompts. */
export async function markForgotten(em: SqlEntityManager, promptIds: readonly string[]): Promise<void> {
  await query(em).updateTable('prompts').set({ forgotten_at: now }).where('id', '=', anyOf(promptIds)).execute();
}

/**
 * SQL: ends the prompt with this id and fence, which frees its slot, and removes its preview: that of an abandoned prompt is gone, and a later
 * attempt may have one. Two common table expressions, the first is `ended`.
 */
export const END_PROMPT = `
  ended as (update prompts set ended_at = now() where id = ? and fence = ? and ended_at is null returning generation_id, abandoned_at),
  preview as (
    delete from previews using ended where previews.generation_id = ended.generation_id and ended.abandoned_at is null)`;

export async function endPrompt(em: SqlEntityManager, { promptId, fence }: HeldJob): Promise<void> {
  await em.execute(`with ${END_PROMPT} select from ended`, [promptId, fence]);
}
