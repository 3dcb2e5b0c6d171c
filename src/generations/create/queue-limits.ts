/**
 * Limits of waiting generations. A trigger counts them in `turns.waiting`: the statement that starts a job or ends its wait also updates the
 * count, so the two cannot differ.
 */
import { quotaExceeded } from '../../graphql/errors.js';
import type { QueueState } from './inserts.js';

/** Max generations that wait for a backend. Undefined means no limit. */
export type QueueLimits = { user: number | undefined; admin: number | undefined; all: number };

/** A guess: when the queue will shrink is unknown, and retrying this often is harmless. */
const RETRY_AFTER_SECONDS = 10;

/** @param own the limit of the user @throws QUOTA_EXCEEDED */
export function requireCapacity({ ownWaiting, allWaiting }: QueueState, own: number | null, all: number): void {
  if (own !== null && ownWaiting >= own) throw full('Queue limit reached', ownWaiting, own);
  if (allWaiting >= all) throw full('The queue of this server is full', allWaiting, all);
}

const full = (what: string, used: number, limit: number) =>
  quotaExceeded(`${what}: ${used} of ${limit} generations are waiting`, {
    limit,
    used,
    retryAfter: RETRY_AFTER_SECONDS,
  });
