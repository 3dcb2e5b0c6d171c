/**
 * Limits of waiting generations. A trigger counts them in `turns.waiting`: the statement that starts a job or ends its wait also updates the
 * count, so the two cannot differ.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import { quotaExceeded } from '../../graphql/errors.js';
import { countWaiting } from '../../runner/turns.js';

/** Max generations that wait for a backend. Undefined means no limit. */
export type QueueLimits = { user: number | undefined; admin: number | undefined; all: number };

/** A guess: when the queue will shrink is unknown, and retrying this often is harmless. */
const RETRY_AFTER_SECONDS = 10;

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
  const all = await countWaiting(em);
  if (all >= limits.all) throw full('The queue of this server is full', all, limits.all);
}

const full = (what: string, used: number, limit: number) =>
  quotaExceeded(`${what}: ${used} of ${limit} generations are waiting`, {
    limit,
    used,
    retryAfter: RETRY_AFTER_SECONDS,
  });
