/**
 * Moves a generation's status. Nothing else does. Every move is one conditional UPDATE, so that of two that race one wins; the job's
 * moves name its fence, so that a process that lost the job moves nothing.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Failure, WAITED_TOO_LONG } from './failure.js';
import { before, GenerationStatus } from './status.js';

/** A job as its holder knows it. */
export type Held = { id: string; fence: number };

type Row = { id: string; status: GenerationStatus };

const quoted = (statuses: readonly GenerationStatus[]) => statuses.map((status) => `'${status}'`).join();
const CHANGED = 'revision = revision + 1, updated_at = now()';
const FINISHED = `waiting = false, completed_at = now(), ${CHANGED}`;
/** A deleted generation is nobody's any more: it may still be moved, but only to an end. */
const held = (to: GenerationStatus) => `id = ? and fence = ? and status in (${quoted(before(to))})`;

/** Whether it was moved: false when it was elsewhere already, or is held by another process. */
const move = async (em: SqlEntityManager, sql: string, values: unknown[]): Promise<boolean> =>
  (await em.execute<Row[]>(`${sql} returning id, status`, values)).length > 0;

/** A backend has accepted it. An attempt after a loss finds it PROCESSING already, and only counts. */
export const accept = (em: SqlEntityManager, { id, fence }: Held, attempt: number): Promise<boolean> =>
  move(
    em,
    `update generations set status = case status when 'PENDING' then 'PROCESSING' else status end, attempt = ?, ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING') and attempt < ?`,
    [attempt, id, fence, attempt],
  );

/** ComfyUI executes it now. */
export const start = (em: SqlEntityManager, { id, fence }: Held): Promise<boolean> =>
  move(
    em,
    `update generations set started_at = now(), ${CHANGED}
     where id = ? and fence = ? and status in ('PROCESSING', 'CANCELING') and started_at is null`,
    [id, fence],
  );

export const complete = (em: SqlEntityManager, { id, fence }: Held): Promise<boolean> =>
  move(em, `update generations set status = 'COMPLETED', ${FINISHED} where ${held(GenerationStatus.COMPLETED)}`, [
    id,
    fence,
  ]);

/** @param attempt where a backend was asked and did not accept it: that counts, too */
export const fail = (em: SqlEntityManager, { id, fence }: Held, failure: Failure, attempt = 0): Promise<boolean> =>
  move(
    em,
    `update generations set status = 'FAILED', failure = ?, attempt = greatest(attempt, ?), ${FINISHED}
     where ${held(GenerationStatus.FAILED)}`,
    [JSON.stringify(failure), attempt, id, fence],
  );

/** The backend has confirmed that it stopped, or never had it. */
export const cancel = (em: SqlEntityManager, { id, fence }: Held): Promise<boolean> =>
  move(em, `update generations set status = 'CANCELED', ${FINISHED} where ${held(GenerationStatus.CANCELED)}`, [
    id,
    fence,
  ]);

/** The backend lost it: it is to be sent again, not before the delay is over. One that the user has meanwhile asked to stop has stopped. */
export const sendAgain = (em: SqlEntityManager, { id, fence }: Held, delayMs: number): Promise<boolean> =>
  move(
    em,
    `update generations set
       status = case status when 'CANCELING' then 'CANCELED' else status end,
       completed_at = case status when 'CANCELING' then now() end,
       started_at = case status when 'CANCELING' then started_at end,
       waiting = status <> 'CANCELING', run_after = now() + ? * interval '1 ms', ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING')`,
    [delayMs, id, fence],
  );

/** At once where no backend has it, else once the backend has confirmed. */
const STOPPED = `
  status = case when waiting then 'CANCELED' when status in ('PENDING', 'PROCESSING') then 'CANCELING' else status end,
  completed_at = case when waiting then now() else completed_at end,
  waiting = false`;

/** What the user asked for. False for a final one. */
export const requestCancel = (em: SqlEntityManager, id: string): Promise<boolean> =>
  move(em, `update generations set ${STOPPED}, ${CHANGED} where id = ? and status in ('PENDING', 'PROCESSING')`, [id]);

/** Invisible from now on. An unfinished one is asked to stop; its holder, or whoever takes it up, clears it away. */
export const markDeleted = (em: SqlEntityManager, id: string): Promise<boolean> =>
  move(em, `update generations set ${STOPPED}, deleted_at = now(), ${CHANGED} where id = ? and deleted_at is null`, [
    id,
  ]);

/** Ends what has waited for a place on a backend for too long. Answers whose it was. */
export const failOverdue = (
  em: SqlEntityManager,
  queueTimeoutSeconds: number,
): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `update generations set status = 'FAILED', failure = ?, ${FINISHED}
     where waiting and created_at < now() - ? * interval '1 s' and status in ('PENDING', 'PROCESSING')
     returning id, user_id as "userId"`,
    [JSON.stringify(WAITED_TOO_LONG), queueTimeoutSeconds],
  );
