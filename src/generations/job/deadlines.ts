/** Time limits of a generation: to reach a backend, and to execute there. PostgreSQL's clock decides. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Age } from '../../runner/leases.js';
import { type Failure, FailureCode, QUEUE_TIMED_OUT } from '../failure.js';

export type Deadlines = {
  /** From the creation until ComfyUI starts to execute the prompt. */
  queueTimeoutSeconds: number;
  /** From the start of the execution. */
  generationTimeoutSeconds: number;
  /** Longest silence during the execution. */
  stallTimeoutSeconds: number;
};

/** A timer holds less than 25 days. */
const MAX_WAIT_MS = 86_400_000;

/**
 * Resolves with the failure when the time limit is over. Call it again when the generation has started: another limit counts then.
 * @param age of the generation now
 */
export async function waitUntilOverdue(
  em: SqlEntityManager,
  id: string,
  age: Age,
  deadlines: Deadlines,
  signal: AbortSignal,
): Promise<Failure> {
  for (let { isStarted, seconds } = age; ; { isStarted, seconds } = await readAge(em, id)) {
    const limit = isStarted ? deadlines.generationTimeoutSeconds : deadlines.queueTimeoutSeconds;
    if (seconds >= limit) return isStarted ? executionTimedOut(limit) : QUEUE_TIMED_OUT;
    await delay(Math.min((limit - seconds) * 1000, MAX_WAIT_MS), undefined, { signal });
  }
}

async function readAge(em: SqlEntityManager, id: string): Promise<Age> {
  const [row] = await em.execute<Age[]>(
    `select started_at is not null as "isStarted",
       extract(epoch from clock_timestamp() - coalesce(started_at, created_at))::float8 as seconds
     from generations where id = ?`,
    [id],
  );
  if (!row) throw new Error('A job has no generation');
  return row;
}

const executionTimedOut = (seconds: number): Failure => ({
  code: FailureCode.TIMED_OUT,
  message: `The execution exceeded the limit of ${seconds} seconds`,
  retryable: true,
});
