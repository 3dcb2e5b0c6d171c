/**
 * A circuit breaker for each backend, in its row, for all replicas. Prompts in a row that fail for reasons that may be the backend's are
 * strikes. After the strikes of enough generations the backend is broken: OFFLINE, apart from single jobs as probes. A prompt that succeeds
 * closes the breaker.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Timings } from '../process/timings.js';

/** More than are needed, because strikes may be withdrawn. */
const MAX_KEPT_STRIKES = 20;
const MAX_REASON_LENGTH = 300;

/**
 * SQL: whether these strikes are the backend's fault: three generations have failed, or two have failed twice, before either has used its
 * last attempt. A single generation may itself be the cause, for example by a corrupt model file.
 */
const isEnough = (strikes: string): string => `(
  select count(*) >= 3 or count(*) filter (where times >= 2) >= 2
  from (select count(*) as times from unnest(${strikes}) as strike(id) group by strike.id) generations)`;

/** SQL: the backend responds, and is OFFLINE only because its last prompts failed. */
export const isOnlyBroken = (backends: string): string =>
  `(${backends}.state = 'OFFLINE' and ${backends}.broken_reason is not null and ${backends}.reason = ${backends}.broken_reason)`;

/** SQL: the backend `b` may be given one job as a probe. */
export const PROBE_DUE = `(${isOnlyBroken('b')} and not b.draining and b.probe_at <= now())`;

type ProbeTimings = Pick<Timings, 'probeIntervalMs' | 'maxProbeIntervalMs'>;

export type Breaker = {
  wasBroken: boolean;
  isBroken: boolean;
  /** The time until the next probe; at most the longest interval. */
  probeInMs: number;
};

/** @param failure the failure of the prompt, which is displayed to admins */
export async function recordStrike(
  em: SqlEntityManager,
  backendId: string,
  generationId: string,
  failure: string,
  { probeIntervalMs, maxProbeIntervalMs }: ProbeTimings,
): Promise<Breaker> {
  const reason = `The last prompts failed: ${failure}`.slice(0, MAX_REASON_LENGTH);
  const breaks = '(old.broken_reason is null and old.is_enough)';
  const [row] = await em.execute<Breaker[]>(
    `with locked as (select id, broken_reason, strikes from backends where id = ? for no key update),
     struck as (
       select *, case when cardinality(strikes) < ${MAX_KEPT_STRIKES} then array_append(strikes, ?::text) else strikes end as all_strikes
       from locked),
     old as (select *, ${isEnough('all_strikes')} as is_enough from struck)
     update backends b set
       strikes = old.all_strikes,
       broken_reason = case when ${breaks} then ? else b.broken_reason end,
       probe_at = case when ${breaks} then now() + ? * interval '1 ms' else b.probe_at end,
       probes = case when ${breaks} then 0 else b.probes end,
       reason = case when ${breaks} and b.state <> 'OFFLINE' then ? else b.reason end,
       offline_since = case when ${breaks} then coalesce(b.offline_since, now()) else b.offline_since end,
       state = case when ${breaks} then 'OFFLINE' else b.state end
     from old where b.id = old.id
     returning old.broken_reason is not null as "wasBroken", b.broken_reason is not null as "isBroken",
       coalesce(least(?, greatest(0, extract(epoch from b.probe_at - now()) * 1000)), 0)::float8 as "probeInMs"`,
    [backendId, generationId, reason, probeIntervalMs, reason, maxProbeIntervalMs],
  );
  if (!row) throw new Error('The backend of a job has no row');
  return row;
}

/**
 * Opens the breaker without strikes, after a response that no retry can change.
 * @param probeInMs undefined if ComfyUI is unsupported: it gets no probe before it has been away
 */
export const openBreaker = async (
  em: SqlEntityManager,
  backendId: string,
  reason: string,
  probeInMs: number | undefined,
): Promise<void> => {
  await em.execute(
    `update backends b set broken_reason = coalesce(b.broken_reason, ?),
       probe_at = case when ?::float8 is null then 'infinity' when b.broken_reason is null then now() + ?::float8 * interval '1 ms'
         else b.probe_at end,
       reason = case when b.state = 'OFFLINE' then b.reason else ? end, offline_since = coalesce(b.offline_since, now()), state = 'OFFLINE'
     where b.id = ?`,
    [reason, probeInMs ?? null, probeInMs ?? null, reason, backendId],
  );
};

/**
 * SQL: schedules the next probe in an UPDATE, if `isProbe`; the delay doubles with each one. Its parameters are the longest and the first
 * interval in milliseconds.
 */
export const recordProbe = (isProbe: string): string =>
  `probes = probes + (${isProbe})::int,
   probe_at = case when ${isProbe} then now() + least(?, ? * power(2, least(probes, 20))) * interval '1 ms' else probe_at end`;

/** SQL: closes the breaker in an UPDATE of `b`. Another fault of the backend stays. */
const CLOSED = `broken_reason = null, probe_at = null, probes = 0,
  reason = case when b.reason = b.broken_reason then null else b.reason end,
  offline_since = case when b.reason = b.broken_reason then null else b.offline_since end,
  state = case when b.reason = b.broken_reason then case when b.draining then 'DRAINING' else 'ONLINE' end else b.state end`;

/** A prompt succeeded: closes the breaker. Returns whether it was open. */
export async function recordSuccess(em: SqlEntityManager, backendId: string): Promise<boolean> {
  const rows = await em.execute<{ wasBroken: boolean }[]>(
    `with old as (
       select id, broken_reason is not null as "wasBroken" from backends
       where id = ? and (broken_reason is not null or cardinality(strikes) > 0) for no key update)
     update backends b set strikes = '{}', ${CLOSED} from old where b.id = old.id returning "wasBroken"`,
    [backendId],
  );
  return rows[0]?.wasBroken ?? false;
}

/** The generation was the cause: it failed on another backend, too. */
export const withdrawStrikes = async (em: SqlEntityManager, generationId: string): Promise<void> => {
  await em.execute('update backends set strikes = array_remove(strikes, ?::text) where ?::text = any(strikes)', [
    generationId,
    generationId,
  ]);
  await em.execute(
    `update backends b set ${CLOSED}
     where broken_reason is not null and probe_at <> 'infinity' and not ${isEnough('strikes')}`,
  );
};
