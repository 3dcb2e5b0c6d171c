/**
 * Claims the next job for a backend. Users take turns: first the user with the fewest prompts on this backend, then the user served
 * longest ago; of that user's jobs the one with the highest priority, then the oldest.
 */
import { PROBE_DUE, recordProbe } from '../backends/breaker.js';
import type { SqlRunner } from '../db/reads.js';
import { sqlArray } from '../db/sql-array.js';
import { TIMINGS, type Timings } from '../process/timings.js';
import { JOB, type Job, MS } from './leases.js';
import { EXPECTED_SECONDS } from './paces.js';
import { byPriority, byTurn } from './queue-order.js';
import { ALL_WAITING } from './turns.js';

/** How many jobs of one user may run at once, over all backends, by the user's role. */
export type RunningLimits = { user: number; admin: number };

/** How many users, in the order of their turns, may be served early because the backend has their model loaded. */
const CANDIDATE_USERS = 8;
/** How many jobs in a row may go before another user's turn because the backend has their model loaded. */
const MAX_STREAK = 4;

/** How many prompts a backend may have. */
export type Depth = {
  any: number;
  /** If all of them are quick. */
  quick: number;
};
/** Prompts that are expected to execute within this time are quick: a backend ends them faster than a new one is claimed and submitted. */
const QUICK_SECONDS = 0.005;
/** SQL: whether the prompt `p` is quick; never null. */
const IS_QUICK = `coalesce(p.expected_seconds < ${QUICK_SECONDS}, false)`;

/** A backend with free slots. */
export type Slot = {
  backendId: string;
  free: number;
  /** How many prompts the backend has, those of other clients included. */
  load: number;
  /** The route of the last job on the backend. */
  route: string | null;
  /** The backend is broken: the slot is for one job that shows whether it still is. */
  isProbe: boolean;
};

/** What may be claimed now: how many jobs wait and for which routes, and the slots that are free for them. */
type Openings = { waiting: number; routes: string[]; slots: Slot[] };

/** Returns the routes of all waiting generations, online backends with a free slot, and broken backends that are due for a probe. */
export async function readOpenings(
  statements: SqlRunner,
  backendIds: readonly string[],
  depth: Depth,
): Promise<Openings> {
  const [openings] = await statements.execute<Openings[]>(
    // Skips from route to route along the index: the cost does not depend on the number of jobs.
    `with recursive w as (
       (select route from generations where waiting order by route limit 1)
       union all
       select (select g.route from generations g where g.waiting and g.route > w.route order by g.route limit 1)
       from w where w.route is not null),
     s as (
       select b.id as "backendId", greatest(count(p.id), b.running + b.pending)::int as load, b.route, b.broken_reason is not null as "isProbe",
         (case when b.broken_reason is not null then 1 when bool_and(${IS_QUICK}) then ? else ? end - count(p.id))::int as free
       from backends b left join prompts p on p.backend_id = b.id and p.ended_at is null
       where b.id = any(?::uuid[]) and (b.state = 'ONLINE' or ${PROBE_DUE}) group by b.id)
     select ${ALL_WAITING} as waiting, array(select route from w where route is not null) as routes,
       (select coalesce(json_agg(s), '[]') from s where free > 0) as slots`,
    [depth.quick, depth.any, sqlArray(backendIds)],
  );
  return openings ?? { waiting: 0, routes: [], slots: [] };
}

type ClaimOptions = {
  backendId: string;
  /** The routes that the backend can run. */
  routes: readonly string[];
  depth: Depth;
  limits: RunningLimits;
  promptId: string;
  holder: number;
  leaseMs: number;
  timings?: Pick<Timings, 'probeIntervalMs' | 'maxProbeIntervalMs'>;
};

/** Claims the next job for a free slot of this backend. Returns undefined if there is no job or no slot. */
export async function claim(statements: SqlRunner, options: ClaimOptions): Promise<Job | undefined> {
  for (;;) {
    const [row] = await statements.execute<({ isCurrent: boolean } & (Job | { id: null }))[]>(CLAIM, valuesOf(options));
    // Another process claimed for this backend, or its row changed otherwise, while this claim waited for the lock.
    if (row?.isCurrent === false) continue;
    if (!row || row.id === null) return undefined;
    const { isCurrent: _, ...job } = row;
    return job;
  }
}

/**
 * The statement locks the backend's row before it counts, and a claim changes that row. So it is current only if the locked version of the
 * row is the version that the statement sees: then it also sees each earlier claim, and the backend's depth holds over all replicas.
 *
 * It does not wait for the disk. Nothing leaves this process before the prompt is marked as submitted, which waits for both.
 */
const CLAIM = `
  with b as materialized (
    select b.id, b.ctid as version, b.broken_reason is not null as is_probe, case when b.streak < ${MAX_STREAK} then b.route end as loaded
    from backends b where b.id = ? and (b.state = 'ONLINE' or ${PROBE_DUE}) for no key update),
  current as materialized (select * from b where b.version = (select s.ctid from backends s where s.id = ?)),
  live as materialized (
    select user_id, count(*) as total, count(*) filter (where backend_id = ?) as here
    from prompts where ended_at is null and abandoned_at is null group by user_id),
  place as materialized (
    select n from current cross join generate_series(1, case when (
      select bool_and(${IS_QUICK}) from prompts p where p.backend_id = current.id and p.ended_at is null) then ?::int else ?::int end) n
    where not exists (select from prompts p where p.backend_id = current.id and p.place = n and p.ended_at is null)
    order by n limit 1),
  ring as materialized (
    select head.id, head.route, t.at, coalesce((select here from live l where l.user_id = t.user_id), 0) as here
    from turns t cross join lateral (
      select id, route from generations w
      where waiting and user_id = t.user_id and route = any(?::text[]) and run_after <= now()
        and (w.avoids_until is null or w.avoids_until < now() or ?::text <> all(w.avoids))
        -- A prompt that was abandoned here is adopted or canceled first.
        and not exists (
          select from prompts p where p.generation_id = w.id and p.backend_id = ? and p.ended_at is null)
      order by ${byPriority('w')} limit 1) head
    where t.waiting > 0 and t.user_id <> all(array(
      select l.user_id from live l join users u on u.id = l.user_id
      where l.total >= case u.role when 'ADMIN' then ?::int else ?::int end))
    order by ${byTurn('t')} limit ${CANDIDATE_USERS}),
  pick as (
    select g.id, place.n from generations g join ring r on r.id = g.id cross join place
    where g.waiting and (place.n <= ?::int or ${EXPECTED_SECONDS} < ${QUICK_SECONDS})
    order by r.here, r.route is distinct from (select loaded from current), r.at limit 1 for no key update of g skip locked),
  g as (
    update generations set waiting = false, fence = fence + 1, updated_at = now()
    from pick where generations.id = pick.id
    returning generations.*, pick.n, set_config('synchronous_commit', 'off', true)),
  p as (
    insert into prompts (id, generation_id, user_id, attempt, backend_id, place, holder, lease_until, fence, expected_seconds)
    select ?::uuid, id, user_id, attempt + 1, ?::uuid, n, ?::int, now() + ${MS}, fence, ${EXPECTED_SECONDS} from g
    returning *),
  turn as (update turns set at = clock_timestamp() from g where turns.user_id = g.user_id),
  served as (
    update backends s set streak = case s.route when g.route then s.streak + 1 else 1 end, route = g.route, ${recordProbe('current.is_probe')}
    from g cross join current where s.id = current.id)
  select exists (select from current) as "isCurrent", job.*
  from b left join (select ${JOB} from p join g on g.id = p.generation_id) job on true`;

function valuesOf(options: ClaimOptions): unknown[] {
  const { backendId, depth, routes, limits, promptId, holder, leaseMs, timings = TIMINGS } = options;
  return [
    ...[backendId, backendId, backendId, depth.quick, depth.any, sqlArray(routes), backendId, backendId],
    ...[
      limits.admin,
      limits.user,
      depth.any,
      promptId,
      backendId,
      holder,
      leaseMs,
      timings.maxProbeIntervalMs,
      timings.probeIntervalMs,
    ],
  ];
}
