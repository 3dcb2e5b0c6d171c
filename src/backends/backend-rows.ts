/** Persists the result of a check of a ComfyUI server, for the API and for every process that gives it jobs. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Queue, SystemStats } from '../comfyui/index.js';
import { query } from '../db/query.js';
import { BackendState } from './backend.js';
import { isOnlyBroken } from './breaker.js';

type BackendResponse = {
  stats: SystemStats;
  queue: Queue;
  /** Why the backend gets no jobs although it responds. */
  fault: string | undefined;
  /** Its fault is only that its catalogue is not read yet: it has just started, and may execute prompts already. */
  isStarting: boolean;
};

/** SQL: since when a row without a response, or with a fault, is OFFLINE. A broken backend worked, except for its prompts. */
const OFFLINE_SINCE = `case when ${isOnlyBroken('backends')} then now() else coalesce(offline_since, now()) end`;

/** Returns whether an admin drains the backend, and why it is OFFLINE: `fault`, or the failure of its last prompts. */
export async function recordResponse(
  em: SqlEntityManager,
  id: string,
  { stats, queue, fault, isStarting }: BackendResponse,
): Promise<{ draining: boolean; reason: string | undefined }> {
  const why = 'coalesce(given.fault, broken_reason)';
  const [row] = await em.execute<{ draining: boolean; reason: string | null }[]>(
    `update backends set
       state = case when ${why} is not null then 'OFFLINE' when draining then 'DRAINING' else 'ONLINE' end,
       offline_since = case when ? then now() when given.fault is not null then ${OFFLINE_SINCE}
         when broken_reason is not null then coalesce(offline_since, now()) end,
       reason = ${why},
       running = case when ${why} is not null then 0 else ? end, pending = case when ${why} is not null then 0 else ? end,
       version = ?, device = ?, is_simulated = ?, last_seen_at = now()
     from (select ?::text as fault) given where id = ? returning draining, reason`,
    [
      isStarting,
      queue.queue_running.length,
      queue.queue_pending.length,
      stats.system.comfyui_version,
      stats.devices[0]?.name ?? null,
      stats.system.simulated === true,
      fault ?? null,
      id,
    ],
  );
  return { draining: row?.draining ?? false, reason: row?.reason ?? undefined };
}

/** Records that the backend did not respond. A broken backend may be repaired when it is back, so its probe is due at once. */
export const recordUnreachable = async (em: SqlEntityManager, id: string, reason: string): Promise<void> => {
  await query(em)
    .updateTable('backends')
    .set({
      state: BackendState.OFFLINE,
      offline_since: sql.raw(OFFLINE_SINCE),
      reason,
      probe_at: sql`case when broken_reason is not null then now() end`,
      probes: 0,
      running: 0,
      pending: 0,
    })
    .where('id', '=', id)
    .execute();
};

/** Records that an admin drains or resumes the backend. An OFFLINE backend stays OFFLINE. */
export const recordDraining = async (em: SqlEntityManager, id: string, draining: boolean): Promise<void> => {
  const ifOnline = draining ? BackendState.DRAINING : BackendState.ONLINE;
  await query(em)
    .updateTable('backends')
    .set({ draining, state: sql`case when state = 'OFFLINE' then state else ${ifOnline} end` })
    .where('id', '=', id)
    .execute();
};

/** Deletes backends that are no longer configured and were never used. */
export const deleteUnused = async (em: SqlEntityManager, configured: readonly string[]): Promise<void> => {
  const used = query(em).selectFrom('prompts').select('backend_id');
  await query(em).deleteFrom('backends').where('id', 'not in', configured).where('id', 'not in', used).execute();
};

/** The other backends that are no longer configured are OFFLINE. */
export const recordUnconfigured = async (em: SqlEntityManager, configured: readonly string[]): Promise<void> => {
  await query(em)
    .updateTable('backends')
    .set({
      state: BackendState.OFFLINE,
      offline_since: sql`coalesce(offline_since, now())`,
      reason: 'No longer configured in COMFYUI_URL',
      running: 0,
      pending: 0,
      last_seen_at: sql`coalesce(last_seen_at, now())`,
    })
    .where('id', 'not in', configured)
    .execute();
};

/**
 * After the clock was set forward: the step is no time that a backend has been offline. After it was set back: that time counts from now.
 * Several servers may do the same, so the result is at most now.
 */
export const resetOfflineSince = async (em: SqlEntityManager, stepMs: number): Promise<void> => {
  const shifted = sql<string>`least(now(), offline_since + ${Math.max(0, stepMs)} * interval '1 ms')`;
  await query(em)
    .updateTable('backends')
    .set({ offline_since: shifted })
    .where('offline_since', 'is not', null)
    .execute();
};
