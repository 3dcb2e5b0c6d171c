/**
 * Takes jobs, and keeps them. All of it is decided by PostgreSQL and on its clock: which row is next, whether a backend has a free place,
 * whether a lease has run out. A taken job is a row of `prompts` and a fencing number that is higher than any before.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
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
};

const LEASE = `interval '12 s'`;
const JOB = `p.generation_id as id, g.user_id as "userId", p.id as "promptId", p.backend_id as "backendId", p.attempt, p.fence`;

/** The next waiting job, for a free place on this backend; undefined where there is neither. */
export const claim = (
  em: SqlEntityManager,
  { backendId, depth, promptId, holder }: { backendId: string; depth: number; promptId: string; holder: number },
): Promise<Job | undefined> =>
  em.transactional(async (em) => {
    // Counting places under the backend's lock keeps its depth over all replicas.
    const online = await em.execute(`select from backends where id = ? and state = 'ONLINE' for no key update`, [
      backendId,
    ]);
    if (online.length === 0) return undefined;
    const [job] = await em.execute<Job[]>(
      `with place as materialized (
         select n from generate_series(1, ?::int) n
         where not exists (select from prompts p where p.backend_id = ? and p.place = n and p.ended_at is null)
         order by n limit 1),
       pick as (
         select g.id, place.n from place, lateral (
           select id from generations where waiting and run_after <= now() order by rank, created_at, id limit 1
           for no key update skip locked) g),
       g as (
         update generations set waiting = false, fence = fence + 1, updated_at = now()
         from pick where generations.id = pick.id
         returning generations.id, user_id, generations.attempt, generations.fence, pick.n),
       p as (
         insert into prompts (id, generation_id, attempt, backend_id, place, holder, lease_until, fence)
         select ?::uuid, id, attempt + 1, ?::uuid, n, ?, now() + ${LEASE}, fence from g
         returning *)
       select ${JOB} from p join g on g.id = p.generation_id`,
      [depth, backendId, promptId, backendId, holder],
    );
    return job;
  });

/**
 * Jobs whose process is gone, or has let them go, or has not renewed its lease. Each is taken by one process; what this one works on
 * already is left to its heartbeat.
 */
export const takeOver = (
  em: SqlEntityManager,
  holder: number,
  backendIds: readonly string[],
  running: readonly string[],
): Promise<Job[]> =>
  em.execute<Job[]>(
    `with lost as (
       select p.id, p.generation_id, p.holder = 0 as released from prompts p
       where p.ended_at is null and p.id <> all(?::uuid[]) and p.backend_id = any(?::uuid[]) and (p.lease_until < now() or not exists (
         select from pg_locks l where l.locktype = 'advisory' and l.granted and l.classid = ? and l.objid::bigint = p.holder
           and l.database = (select oid from pg_database where datname = current_database())))
       for update skip locked),
     g as (
       update generations set fence = fence + 1, crashes = crashes + (not lost.released)::int, updated_at = now()
       from lost where generations.id = lost.generation_id
       returning generations.id, user_id, generations.fence, lost.id as prompt_id),
     p as (
       update prompts set holder = ?, lease_until = now() + ${LEASE}, fence = g.fence
       from g where prompts.id = g.prompt_id returning prompts.*)
     select ${JOB} from p join g on g.prompt_id = p.id`,
    [`{${running.join(',')}}`, `{${backendIds.join(',')}}`, LOCK_CLASS, holder],
  );

/** What the heartbeat brings back of each job that is still held. */
export type Pulse = { promptId: string; isUnwanted: boolean };

/** Renews every lease of this process; one that another has taken is missing in the answer. */
export const renew = (em: SqlEntityManager, holder: number, jobs: readonly Job[]): Promise<Pulse[]> =>
  em.execute<Pulse[]>(
    `update prompts p set lease_until = now() + ${LEASE}, holder = ?
     from generations g, unnest(?::uuid[], ?::int[]) as held(prompt_id, fence)
     where p.id = held.prompt_id and p.fence = held.fence and p.ended_at is null and g.id = p.generation_id and g.fence = p.fence
     returning p.id as "promptId", g.status = 'CANCELING' as "isUnwanted"`,
    [holder, `{${jobs.map(({ promptId }) => promptId).join(',')}}`, `{${jobs.map(({ fence }) => fence).join(',')}}`],
  );

/** Lets a job go, so that whoever is next need not wait for the lease. After a fault it counts as a crash. */
export const release = async (em: SqlEntityManager, { promptId, fence }: Job, afterFault: boolean): Promise<void> => {
  await em.execute(
    `with p as (
       update prompts set holder = 0, lease_until = now() where id = ? and fence = ? and ended_at is null returning generation_id)
     update generations set crashes = crashes + ? from p where generations.id = p.generation_id`,
    [promptId, fence, afterFault ? 1 : 0],
  );
};

/** Gives up prompts on backends that nobody is configured for any more; their jobs want a place elsewhere. Answers the generations. */
export const abandon = (
  em: SqlEntityManager,
  backendIds: readonly string[],
): Promise<{ id: string; userId: string }[]> =>
  em.execute(
    `with gone as (
       update prompts p set ended_at = now() from backends b
       where b.id = p.backend_id and b.state = 'OFFLINE' and p.ended_at is null and p.lease_until < now() - interval '1 min'
         and p.backend_id <> all(?::uuid[])
       returning p.generation_id)
     update generations g set fence = fence + 1, revision = revision + 1, updated_at = now(),
       waiting = g.status <> 'CANCELING', started_at = case g.status when 'CANCELING' then g.started_at end,
       status = case g.status when 'CANCELING' then 'CANCELED' else g.status end,
       completed_at = case g.status when 'CANCELING' then now() end
     from gone where g.id = gone.generation_id and g.status in ('PENDING', 'PROCESSING', 'CANCELING')
     returning g.id, g.user_id as "userId"`,
    [`{${backendIds.join(',')}}`],
  );
