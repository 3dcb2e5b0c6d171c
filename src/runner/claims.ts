/**
 * Claims the next job for a backend. Users take turns: first the user with the fewest prompts on this backend, then the user served
 * longest ago; of that user's jobs the one with the highest priority, then the oldest.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { PROBE_DUE, recordProbe } from '../backends/breaker.js';
import { sqlArray } from '../db/sql-array.js';
import { TIMINGS, type Timings } from '../process/timings.js';
import { JOB, type Job, MS } from './leases.js';
import { byPriority, byTurn } from './queue-order.js';
import { endTurn } from './turns.js';

/** How many jobs of one user may run at once, over all backends, by the user's role. */
export type RunningLimits = { user: number; admin: number };

/** How many users, in the order of their turns, may be served early because the backend has their model loaded. */
const CANDIDATE_USERS = 8;
/** How many jobs in a row may go before another user's turn because the backend has their model loaded. */
const MAX_STREAK = 4;

/** A backend with a free slot. */
export type Slot = {
  backendId: string;
  /** How many prompts the backend has, those of other clients included. */
  load: number;
  /** The route of the last job on the backend. */
  route: string | null;
  /** The backend is broken: the slot is for one job that shows whether it still is. */
  isProbe: boolean;
};

/** Returns online backends with a free slot, and broken backends that are due for a probe. */
export const readSlots = (em: SqlEntityManager, backendIds: readonly string[], depth: number): Promise<Slot[]> =>
  em.execute<Slot[]>(
    `select b.id as "backendId", greatest(count(p.id), b.running + b.pending)::int as load, b.route, b.broken_reason is not null as "isProbe"
     from backends b left join prompts p on p.backend_id = b.id and p.ended_at is null
     where b.id = any(?::uuid[]) and (b.state = 'ONLINE' or ${PROBE_DUE}) group by b.id
     having count(p.id) < case when b.broken_reason is null then ? else 1 end`,
    [sqlArray(backendIds), depth],
  );

type ClaimOptions = {
  backendId: string;
  /** The routes that the backend can run. */
  routes: readonly string[];
  depth: number;
  limits: RunningLimits;
  promptId: string;
  holder: number;
  leaseMs: number;
  timings?: Pick<Timings, 'probeIntervalMs' | 'maxProbeIntervalMs'>;
};

/** Claims the next job for a free slot of this backend. Returns undefined if there is no job or no slot. */
export const claim = (em: SqlEntityManager, options: ClaimOptions): Promise<Job | undefined> =>
  em.transactional(async (em) => {
    const { backendId, depth, limits, promptId, holder, leaseMs, timings = TIMINGS } = options;
    // Slots are counted under the lock of the backend's row: its depth holds over all replicas.
    const [backend] = await em.execute<{ route: string | null; streak: number; isProbe: boolean }[]>(
      `select route, streak, broken_reason is not null as "isProbe" from backends b
       where id = ? and (state = 'ONLINE' or ${PROBE_DUE}) for no key update`,
      [backendId],
    );
    if (!backend) return undefined;
    const loaded = backend.streak < MAX_STREAK ? backend.route : null;
    const [claimed] = await em.execute<(Job & { route: string })[]>(
      `with live as materialized (
         select user_id, count(*) as total, count(*) filter (where backend_id = ?) as here
         from prompts where ended_at is null and abandoned_at is null group by user_id),
       place as materialized (
         select n from generate_series(1, ?::int) n
         where not exists (select from prompts p where p.backend_id = ? and p.place = n and p.ended_at is null)
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
         select g.id, place.n from generations g join ring r on r.id = g.id cross join place where g.waiting
         order by r.here, r.route is distinct from ?, r.at limit 1 for no key update of g skip locked),
       g as (
         update generations set waiting = false, fence = fence + 1, updated_at = now()
         from pick where generations.id = pick.id
         returning generations.id, user_id, generations.attempt, generations.fence, crashes, spent, route, pick.n),
       p as (
         insert into prompts (id, generation_id, user_id, attempt, backend_id, place, holder, lease_until, fence)
         select ?::uuid, id, user_id, attempt + 1, ?::uuid, n, ?, now() + ${MS}, fence from g
         returning *)
       select ${JOB}, g.route from p join g on g.id = p.generation_id`,
      [
        backendId,
        depth,
        backendId,
        sqlArray(options.routes),
        backendId,
        backendId,
        limits.admin,
        limits.user,
        loaded,
        promptId,
        backendId,
        holder,
        leaseMs,
      ],
    );
    if (!claimed) return undefined;
    const { route, ...job } = claimed;
    if (backend.isProbe) await recordProbe(em, backendId, timings);
    await endTurn(em, job.userId);
    await em.execute(
      'update backends set streak = case route when ? then streak + 1 else 1 end, route = ? where id = ?',
      [route, route, backendId],
    );
    return job;
  });
