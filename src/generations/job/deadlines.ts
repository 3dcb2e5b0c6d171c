/** How long a generation may take: to get to a backend, and there. On PostgreSQL's clock. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Failure, FailureCode, WAITED_TOO_LONG } from '../failure.js';

export type Limits = {
  /** From when it was asked for until ComfyUI begins to execute it. */
  queueTimeoutSeconds: number;
  /** From then on. */
  generationTimeoutSeconds: number;
  /** For how long it may then say nothing. */
  stallTimeoutSeconds: number;
};

/** A timer holds less than 25 days; and looking again once a day costs nothing. */
const LONGEST_WAIT_MS = 86_400_000;

/** Resolves once its time is over, to what is to be said of it. A generation that starts meanwhile is to be asked for anew. */
export async function overdue(em: SqlEntityManager, id: string, limits: Limits, signal: AbortSignal): Promise<Failure> {
  for (;;) {
    const { isStarted, seconds } = await readAge(em, id);
    const limit = isStarted ? limits.generationTimeoutSeconds : limits.queueTimeoutSeconds;
    if (seconds >= limit) return isStarted ? ranTooLong(limit) : WAITED_TOO_LONG;
    await delay(Math.min((limit - seconds) * 1000, LONGEST_WAIT_MS), undefined, { signal });
  }
}

async function readAge(em: SqlEntityManager, id: string): Promise<{ isStarted: boolean; seconds: number }> {
  const [row] = await em.execute<{ isStarted: boolean; seconds: number }[]>(
    `select started_at is not null as "isStarted",
       extract(epoch from clock_timestamp() - coalesce(started_at, created_at))::float8 as seconds
     from generations where id = ?`,
    [id],
  );
  if (!row) throw new Error('A job has no generation');
  return row;
}

const ranTooLong = (seconds: number): Failure => ({
  code: FailureCode.TIMED_OUT,
  message: `It ran for longer than ${seconds} seconds`,
  retryable: true,
});
