/**
 * Moves a generation's status. Nothing else does. Every move is one conditional UPDATE, so that of two that race one wins; the job's
 * moves name its fence, so that a process that lost the job moves nothing.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Failure, FailureCode } from './failure.js';
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

export const fail = (em: SqlEntityManager, { id, fence }: Held, failure: Failure): Promise<boolean> =>
  move(
    em,
    `update generations set status = 'FAILED', failure = ?, ${FINISHED} where ${held(GenerationStatus.FAILED)}`,
    [JSON.stringify(failure), id, fence],
  );

/** The backend has confirmed that it stopped, or never had it. */
export const cancel = (em: SqlEntityManager, { id, fence }: Held): Promise<boolean> =>
  move(em, `update generations set status = 'CANCELED', ${FINISHED} where ${held(GenerationStatus.CANCELED)}`, [
    id,
    fence,
  ]);

/** The backend lost it: it is to be sent again, not before the delay is over. */
export const sendAgain = (em: SqlEntityManager, { id, fence }: Held, delayMs: number): Promise<boolean> =>
  move(
    em,
    `update generations set waiting = true, run_after = now() + ? * interval '1 ms', started_at = null, ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING')`,
    [delayMs, id, fence],
  );

/** What the user asked for: at once where no backend has it, else once the backend has confirmed. False for a final one. */
export const requestCancel = (em: SqlEntityManager, id: string): Promise<boolean> =>
  move(
    em,
    `update generations set
       status = case when waiting then 'CANCELED' else 'CANCELING' end,
       completed_at = case when waiting then now() end,
       waiting = false, ${CHANGED}
     where id = ? and status in ('PENDING', 'PROCESSING')`,
    [id],
  );

/** Invisible from now on. An unfinished one is asked to stop; its holder, or whoever takes it up, clears it away. */
export const markDeleted = async (em: SqlEntityManager, id: string): Promise<boolean> => {
  await requestCancel(em, id);
  return await move(em, `update generations set deleted_at = now(), ${CHANGED} where id = ? and deleted_at is null`, [
    id,
  ]);
};

/** Ends what has waited for a backend for too long. Answers the ids. */
export const failOverdue = async (em: SqlEntityManager, queueTimeoutSeconds: number): Promise<string[]> => {
  const failure: Failure = {
    code: FailureCode.TIMED_OUT,
    message: 'No backend took it in time',
    retryable: true,
  };
  const rows = await em.execute<Row[]>(
    `update generations set status = 'FAILED', failure = ?, ${FINISHED}
     where waiting and created_at < now() - ? * interval '1 s' and status in ('PENDING', 'PROCESSING') returning id, status`,
    [JSON.stringify(failure), queueTimeoutSeconds],
  );
  return rows.map(({ id }) => id);
};
