/** Writes down what was found about a ComfyUI server, for the API and for every process that gives it work. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Queue, SystemStats } from '../comfyui/index.js';

const OFFLINE = `state = 'OFFLINE', offline_since = coalesce(offline_since, now()), reason = ?`;

export type Answer = {
  stats: SystemStats;
  queue: Queue;
  /** Why it gets no work all the same. */
  fault: string | undefined;
};

/** It answers. @returns whether an admin wants it to take no new work */
export async function recordAnswer(
  em: SqlEntityManager,
  id: string,
  { stats, queue, fault }: Answer,
): Promise<boolean> {
  const [row] = await em.execute<{ draining: boolean }[]>(
    `update backends set ${
      fault === undefined
        ? `state = case when draining then 'DRAINING' else 'ONLINE' end, offline_since = null, reason = null`
        : OFFLINE
    }, version = ?, device = ?, running = ?, pending = ?, last_seen_at = now() where id = ? returning draining`,
    [
      ...(fault === undefined ? [] : [fault]),
      stats.system.comfyui_version,
      stats.devices[0]?.name ?? null,
      fault === undefined ? queue.queue_running.length : 0,
      fault === undefined ? queue.queue_pending.length : 0,
      id,
    ],
  );
  return row?.draining ?? false;
}

/** It does not answer. */
export const recordSilence = async (em: SqlEntityManager, id: string, reason: string): Promise<void> => {
  await em.execute(`update backends set ${OFFLINE}, running = 0, pending = 0 where id = ?`, [reason, id]);
};

/** An admin wants it to take no new work, or to take it again. Whether it is there is not asked. */
export const recordDraining = async (em: SqlEntityManager, id: string, draining: boolean): Promise<void> => {
  await em.execute(
    `update backends set draining = ?, state = case when state = 'OFFLINE' then state else ? end where id = ?`,
    [draining, draining ? 'DRAINING' : 'ONLINE', id],
  );
};
