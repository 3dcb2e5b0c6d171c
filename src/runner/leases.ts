/**
 * Who holds which job, and for how long. Decided by PostgreSQL and on its clock: a lease that has run out, a process whose lock is free.
 * A job that is taken has a fencing number that is higher than any before.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { isOnlyBroken } from '../backends/breaker.js';
import { LOCK_CLASS } from './replica.js';

/** A job as the process that holds it knows it. */
export type Job = {
  /** Of the generation. */
  id: string;
  userId: string;
  promptId: string;
  backendId: string;
  /** Counts from 1. */
  attempt: number;
  fence: number;
  /** How often the process that held it died since it last came on. */
  crashes: number;
  /** How many attempts began before this one and came to nothing. */
  spent: number;
  /** The generation has gone elsewhere, and only the prompt is left to be taken out. */
  isAbandoned: boolean;
};

/** A parameter in milliseconds, as an interval. */
export const MS = `? * interval '1 ms'`;
/** For statements that name the prompt `p` and the generation `g`. */
export const JOB = `p.generation_id as id, g.user_id as "userId", p.id as "promptId", p.backend_id as "backendId", p.attempt, p.fence,
  g.crashes, g.spent, p.abandoned_at is not null as "isAbandoned"`;

/** From so many deaths on a job is taken for their cause, and runs alone in its process. */
export const SUSPECT_CRASHES = 2;

/** How often a prompt may begin to execute, the first time included. */
export const MAX_ATTEMPTS = 3;

/** Nobody works on it: its process let go, or is gone (`died`), or its lease ran out. `blamed` where it may be why the process is gone. */
const LOST = `cross join lateral (
    select p.holder <> 0 and not exists (
      select from pg_locks l where l.locktype = 'advisory' and l.granted and l.classid = ${LOCK_CLASS} and l.objid::bigint = p.holder
        and l.database = (select oid from pg_database where datname = current_database())) as died) h
  cross join lateral (select (h.died and not p.idle)::int as blamed) b
  where p.ended_at is null and p.id <> all(?::uuid[]) and p.backend_id = any(?::uuid[]) and (p.lease_until < now() or h.died)`;

export type Taking = {
  holder: number;
  backendIds: readonly string[];
  /** The prompts that this process works on already: those are left to its heartbeat. */
  running: readonly string[];
  leaseMs: number;
};

const array = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;
const lost = ({ running, backendIds }: Taking): unknown[] => [array(running), array(backendIds)];

/** Jobs that nobody works on. Each is taken by one process. Of suspects, one at the most. */
export const takeOver = (em: SqlEntityManager, taking: Taking, suspects = false): Promise<Job[]> =>
  em.execute<Job[]>(
    `with lost as (
       select p.id, p.generation_id, b.blamed from prompts p join generations g on g.id = p.generation_id ${LOST}
         and p.abandoned_at is null and (g.crashes + b.blamed >= ${SUSPECT_CRASHES}) = ?
       limit ? for no key update of p skip locked),
     g as (
       update generations set fence = fence + 1, crashes = crashes + lost.blamed, updated_at = now()
       from lost where generations.id = lost.generation_id
       returning generations.id, user_id, generations.fence, crashes, spent, lost.id as prompt_id),
     p as (
       update prompts set holder = ?, lease_until = now() + ${MS}, fence = g.fence, idle = false
       from g where prompts.id = g.prompt_id returning prompts.*)
     select ${JOB} from p join g on g.prompt_id = p.id`,
    [...lost(taking), suspects, suspects ? 1 : null, taking.holder, taking.leaseMs],
  );

/** Whether a suspect waits for a process that has nothing else to lose. */
export async function isSuspectLost(em: SqlEntityManager, taking: Taking): Promise<boolean> {
  const rows = await em.execute(
    `select from prompts p join generations g on g.id = p.generation_id ${LOST}
       and p.abandoned_at is null and g.crashes + b.blamed >= ${SUSPECT_CRASHES} limit 1`,
    lost(taking),
  );
  return rows.length > 0;
}

/** A job whose backend has been away for long. `isForgotten`: nobody is configured for the backend any more. */
export type Away = { promptId: string; route: string | null; isForgotten: boolean };

const AWAY = `from prompts p join generations g on g.id = p.generation_id join backends b on b.id = p.backend_id
  where p.ended_at is null and p.abandoned_at is null and p.stop_asked_at is null
    and b.state = 'OFFLINE' and b.offline_since < now() - ${MS}
    -- One that is only broken answers: its prompts end there, and a probe that does is what makes it whole.
    and ${isOnlyBroken('b')} is not true
    and g.status in ('PENDING', 'PROCESSING') and g.deleted_at is null`;

/**
 * The last attempt that began is left to its backend and to its time limit, for it may be why backends go away.
 * @param awayMs for how long its backend has to be away
 */
export const readAway = (em: SqlEntityManager, backendIds: readonly string[], awayMs: number): Promise<Away[]> =>
  em.execute<Away[]>(
    `with away as (
       select p.id, g.route, b.id <> all(?::uuid[]) as forgotten, g.started_at is not null and g.spent + 1 >= ${MAX_ATTEMPTS} as last ${AWAY})
     select id as "promptId", route, forgotten as "isForgotten" from away where forgotten or not last`,
    [array(backendIds), awayMs],
  );

/**
 * Lets these go elsewhere. Their prompts stay open, and keep their places, until ComfyUI has shown them gone. Answers the generations
 * that now want a place.
 */
export const abandon = (
  em: SqlEntityManager,
  promptIds: readonly string[],
  awayMs: number,
): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `with away as (select p.id, p.generation_id ${AWAY} and p.id = any(?::uuid[]) for no key update of p, g skip locked),
     p as (
       update prompts set abandoned_at = now(), holder = 0, lease_until = now(), fence = fence + 1 from away where prompts.id = away.id)
     update generations g set waiting = true, run_after = now(), spent = spent + (started_at is not null)::int, started_at = null, fence = fence + 1, revision = revision + 1,
       updated_at = now()
     from away where g.id = away.generation_id
     returning g.id, g.user_id as "userId"`,
    [awayMs, array(promptIds)],
  );

/**
 * Prompts that were abandoned, and whose backend is back, be it broken: each takes the place of its next probe. Where the generation has found no place elsewhere meanwhile, it comes back to
 * the prompt: that may still run, or have ended.
 */
export const takeUpAbandoned = (em: SqlEntityManager, taking: Taking): Promise<Job[]> =>
  em.execute<Job[]>(
    `with back as (
       select p.id, p.generation_id from prompts p join backends on backends.id = p.backend_id
         and (backends.state <> 'OFFLINE' or ${isOnlyBroken('backends')}) ${LOST}
         and p.abandoned_at is not null
       for no key update of p skip locked),
     home as (
       update generations set waiting = false, fence = fence + 1, updated_at = now()
       from back where generations.id = back.generation_id and waiting and status in ('PENDING', 'PROCESSING')
       returning generations.fence, back.id as prompt_id),
     p as (
       update prompts set holder = ?, lease_until = now() + ${MS}, fence = coalesce(home.fence, prompts.fence + 1),
         abandoned_at = case when home.fence is null then abandoned_at end
       from back left join home on home.prompt_id = back.id where prompts.id = back.id returning prompts.*)
     select ${JOB} from p join generations g on g.id = p.generation_id`,
    [...lost(taking), taking.holder, taking.leaseMs],
  );

/** What the heartbeat brings back of each job that is still held. */
export type Pulse = { promptId: string; fence: number; isUnwanted: boolean };

/**
 * Renews every lease of this process; one that another has taken is missing in the answer. So is one that was let go while this was on
 * its way: its fence is still the same, and with a lease nobody would take it up.
 */
export const renew = (em: SqlEntityManager, holder: number, jobs: readonly Job[], leaseMs: number): Promise<Pulse[]> =>
  em.execute<Pulse[]>(
    `update prompts p set lease_until = now() + ${MS}, holder = ?
     from generations g, unnest(?::uuid[], ?::int[]) as held(prompt_id, fence)
     where p.id = held.prompt_id and p.fence = held.fence and p.holder <> 0 and p.ended_at is null and g.id = p.generation_id
     returning p.id as "promptId", p.fence, g.status = 'CANCELING' as "isUnwanted"`,
    [leaseMs, holder, array(jobs.map(({ promptId }) => promptId)), array(jobs.map(({ fence }) => fence))],
  );

/** Lets a job go, so that whoever is next need not wait for the lease. After a fault it counts as a crash. */
export const release = async (em: SqlEntityManager, { promptId, fence }: Job, afterFault: boolean): Promise<void> => {
  await em.execute(
    `with p as (
       update prompts set holder = 0, lease_until = now() where id = ? and fence = ? and ended_at is null
       returning generation_id, abandoned_at)
     update generations set crashes = crashes + ? from p where generations.id = p.generation_id and p.abandoned_at is null`,
    [promptId, fence, afterFault ? 1 : 0],
  );
};
