/**
 * Limits of waiting generations. A trigger counts them in `turns.waiting`: the statement that starts a job or ends its wait also updates the
 * count, so the two cannot differ.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import { quotaExceeded } from '../../graphql/errors.js';

/** Max generations that wait for a backend. Undefined means no limit. */
export type QueueLimits = { user: number | undefined; admin: number | undefined; all: number };

/** A guess: when the queue will shrink is unknown, and retrying this often is harmless. */
const RETRY_AFTER_SECONDS = 10;

/**
 * Locks the user's queue until the transaction ends. Lock order everywhere: generations, then turns.
 * @returns how many of the user's generations wait
 */
export async function lockTurn(em: SqlEntityManager, userId: string): Promise<number> {
  const [row] = await em.execute<{ waiting: number }[]>(
    `insert into turns (user_id, waiting, at) values (?, 0, now() - interval '1 year')
     on conflict (user_id) do update set waiting = turns.waiting returning waiting`,
    [userId],
  );
  if (!row) throw new Error('PostgreSQL did not return the row it wrote');
  return row.waiting;
}

/**
 * The user's limit is exact under the lock. Concurrent requests of several users may exceed the server's limit by their number.
 * @throws QUOTA_EXCEEDED
 */
export async function requireCapacity(
  em: SqlEntityManager,
  { role }: Viewer,
  waiting: number,
  limits: QueueLimits,
): Promise<void> {
  const own = role === 'ADMIN' ? limits.admin : limits.user;
  if (own !== undefined && waiting >= own) throw full('Queue limit reached', waiting, own);
  const [row] = await em.execute<{ all: number }[]>(
    `select coalesce(sum(waiting), 0)::int as all from turns where waiting > 0`,
  );
  const all = row?.all ?? 0;
  if (all >= limits.all) throw full('The queue of this server is full', all, limits.all);
}

const full = (what: string, used: number, limit: number) =>
  quotaExceeded(`${what}: ${used} of ${limit} generations are waiting`, {
    limit,
    used,
    retryAfter: RETRY_AFTER_SECONDS,
  });
