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

/** A backend has accepted it, and that is further than it had come. An attempt after a loss finds it PROCESSING already, and only counts. */
export const accept = (em: SqlEntityManager, { id, fence }: Held, attempt: number): Promise<boolean> =>
  move(
    em,
    `update generations set status = case status when 'PENDING' then 'PROCESSING' else status end, attempt = ?, crashes = 0, ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING') and attempt < ?`,
    [attempt, id, fence, attempt],
  );

/** ComfyUI executes it now. */
export const start = (em: SqlEntityManager, { id, fence }: Held): Promise<boolean> =>
  move(
    em,
    `update generations set started_at = now(), crashes = 0, ${CHANGED}
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

export type SendAgain = {
  /** Not before this is over. */
  delayMs: number;
  /** The backend ran out of memory and has freed some: that is done once. */
  freed?: boolean;
  /** Whether the attempt counts towards those that it may have; it does unless told otherwise. */
  isSpent?: boolean;
  /** The id of the backend that was at fault: others are tried first. */
  avoid?: string;
};

/** How long others are tried first. */
const AVOID_SECONDS = 60;

/** The backend lost it: it is to be sent again. One that the user has meanwhile asked to stop has stopped. */
export const sendAgain = (
  em: SqlEntityManager,
  { id, fence }: Held,
  { delayMs, freed = false, isSpent = true, avoid }: SendAgain,
): Promise<boolean> =>
  move(
    em,
    `update generations set
       status = case status when 'CANCELING' then 'CANCELED' else status end,
       completed_at = case status when 'CANCELING' then now() end,
       started_at = case status when 'CANCELING' then started_at end,
       waiting = status <> 'CANCELING', run_after = now() + ? * interval '1 ms', crashes = 0, freed = freed or ?, spent = spent + ?,
       avoids = case when ?::text is null then avoids else array_append(array_remove(avoids, ?::text), ?::text) end,
       avoids_until = case when ?::text is null then avoids_until else now() + interval '${AVOID_SECONDS} s' end, ${CHANGED}
     where id = ? and fence = ? and status in ('PENDING', 'PROCESSING', 'CANCELING')`,
    [delayMs, freed, Number(isSpent), ...Array<string | null>(4).fill(avoid ?? null), id, fence],
  );

/** At once where no backend has it, else once the backend has confirmed. */
const STOPPED = `
  status = case when waiting then 'CANCELED' when status in ('PENDING', 'PROCESSING') then 'CANCELING' else status end,
  completed_at = case when waiting then now() else completed_at end,
  waiting = false`;

/** What the user asked for. False for a final one. */
export const requestCancel = (em: SqlEntityManager, id: string): Promise<boolean> =>
  move(em, `update generations set ${STOPPED}, ${CHANGED} where id = ? and status in ('PENDING', 'PROCESSING')`, [id]);

/** The same of all that somebody has unfinished. Answers which. */
export const requestCancelOf = async (em: SqlEntityManager, userId: string): Promise<string[]> => {
  const rows = await em.execute<Row[]>(
    `update generations set ${STOPPED}, ${CHANGED} where user_id = ? and status in ('PENDING', 'PROCESSING') and deleted_at is null
     returning id, status`,
    [userId],
  );
  return rows.map(({ id }) => id);
};

/** Invisible from now on. An unfinished one is asked to stop; its holder, or whoever takes it up, clears it away. */
export const markDeleted = (em: SqlEntityManager, id: string): Promise<boolean> =>
  move(em, `update generations set ${STOPPED}, deleted_at = now(), ${CHANGED} where id = ? and deleted_at is null`, [
    id,
  ]);

/** The same of everything that an account has. Returns the ids. */
export const markAllDeleted = async (em: SqlEntityManager, userId: string): Promise<string[]> => {
  const rows = await em.execute<Row[]>(
    `update generations set ${STOPPED}, deleted_at = now(), ${CHANGED} where user_id = ? and deleted_at is null returning id, status`,
    [userId],
  );
  return rows.map(({ id }) => id);
};

/** Ends what has waited for a place on a backend for too long. Answers whose it was. */
export const failOverdue = (
  em: SqlEntityManager,
  queueTimeoutSeconds: number,
): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `update generations set status = 'FAILED', failure = ?, ${FINISHED}
     where id in (
       select id from generations
       where waiting and created_at < now() - ? * interval '1 s' and status in ('PENDING', 'PROCESSING') for no key update skip locked)
     returning id, user_id as "userId"`,
    [JSON.stringify(WAITED_TOO_LONG), queueTimeoutSeconds],
  );

/** Ends what nobody can stop, for its backend has been away for long: the prompt stays open until that is back. Answers whose it was. */
export const cancelUnreachable = (em: SqlEntityManager, awayMs: number): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `update generations set status = 'CANCELED', ${FINISHED}
     where status = 'CANCELING' and id in (
       select p.generation_id from prompts p join backends b on b.id = p.backend_id
       where p.ended_at is null and p.lease_until < now() and b.state = 'OFFLINE' and b.offline_since < now() - ? * interval '1 ms')
     returning id, user_id as "userId"`,
    [awayMs],
  );
