/**
 * How much may wait. The database counts it (`turns.waiting`, by a trigger), and what stops waiting gives its place back with the same
 * statement: there is no counter of ours that could differ.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import { quotaExceeded } from '../../graphql/errors.js';

/** How many generations may wait for a backend at once. Undefined: any number. */
export type QueueLimits = { user: number | undefined; admin: number | undefined; all: number };

/** When a place will be free nobody knows; asking again this often does no harm. */
const RETRY_AFTER_SECONDS = 10;

/**
 * Until the transaction ends, this user's next generation waits here. Locks come in this order everywhere: generations, then turns.
 * Answers how many of the user's wait.
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
 * Under that lock the user's own limit is exact. That of all may be passed by as many as are created at this very moment.
 * @throws QUOTA_EXCEEDED
 */
export async function requirePlace(
  em: SqlEntityManager,
  { role }: Viewer,
  waiting: number,
  limits: QueueLimits,
): Promise<void> {
  const own = role === 'ADMIN' ? limits.admin : limits.user;
  if (own !== undefined && waiting >= own) throw full('You have', waiting, own);
  const [row] = await em.execute<{ all: number }[]>(
    `select coalesce(sum(waiting), 0)::int as all from turns where waiting > 0`,
  );
  const all = row?.all ?? 0;
  if (all >= limits.all) throw full('The queue of this server is full: it has', all, limits.all);
}

const full = (whose: string, used: number, limit: number) =>
  quotaExceeded(`${whose} ${used} generations that wait, of ${limit} that may`, {
    limit,
    used,
    retryAfter: RETRY_AFTER_SECONDS,
  });
