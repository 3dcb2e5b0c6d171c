/** Reads and writes the prompt of a job: what was sent, and that it has ended. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Graph, PromptProgress } from '../comfyui/index.js';
import type { Job } from '../runner/claims.js';

export type StoredPrompt = { graph: Graph | undefined; isSubmitted: boolean; progress: PromptProgress | undefined };

export async function readPrompt(em: SqlEntityManager, promptId: string): Promise<StoredPrompt> {
  const [row] = await em.execute<{ graph: string | null; isSubmitted: boolean; progress: PromptProgress | null }[]>(
    `select graph, submitted_at is not null as "isSubmitted", progress from prompts where id = ?`,
    [promptId],
  );
  if (!row) throw new Error('A job has no prompt');
  return {
    graph: row.graph === null ? undefined : (JSON.parse(row.graph) as Graph),
    isSubmitted: row.isSubmitted,
    progress: row.progress ?? undefined,
  };
}

/** Kept before it is sent, so that every takeover sends the same. */
export async function storeGraph(em: SqlEntityManager, { promptId, fence }: Job, graph: Graph): Promise<void> {
  await em.execute('update prompts set graph = ? where id = ? and fence = ?', [JSON.stringify(graph), promptId, fence]);
}

/** From here on ComfyUI may know it: if the job is still wanted, and still ours. */
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

/** Its place is free. */
export async function endPrompt(em: SqlEntityManager, { promptId, fence }: Job): Promise<void> {
  await em.execute(
    `with ended as (
       update prompts set ended_at = now() where id = ? and fence = ? and ended_at is null returning generation_id)
     delete from previews using ended where previews.generation_id = ended.generation_id`,
    [promptId, fence],
  );
}
