/**
 * A circuit breaker for each backend, kept in its row for all replicas. Prompts that fail in a row for reasons that may be the backend's
 * are strikes; after a few the backend is OFFLINE, and gets one job now and then as a probe. A prompt that succeeds closes it again.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Timings } from '../process/timings.js';

/** Strikes in a row after which a backend is broken. */
const MAX_STRIKES = 3;
/** Those that come in while it is broken may be withdrawn, too. */
const STRIKES_KEPT = 20;
const MAX_REASON_LENGTH = 300;

/** The backend answers, and is OFFLINE only for what its last prompts failed with. */
export const isOnlyBroken = (backends: string): string =>
  `(${backends}.state = 'OFFLINE' and ${backends}.broken_reason is not null and ${backends}.reason = ${backends}.broken_reason)`;

/** That a backend, `b` in the statement, may be given one job as a probe: it answers, nothing else is wrong with it, and it is time. */
export const PROBE_DUE = `(${isOnlyBroken('b')} and not b.draining and b.probe_at <= now())`;

type ProbeTimings = Pick<Timings, 'probeIntervalMs' | 'maxProbeIntervalMs'>;

export type Breaker = {
  wasBroken: boolean;
  isBroken: boolean;
  /** How long until it may be probed, at most the longest interval. */
  probeInMs: number;
};

/** `why` is shown to admins: what the prompt failed with. */
export async function strike(
  em: SqlEntityManager,
  backendId: string,
  generationId: string,
  why: string,
  { probeIntervalMs, maxProbeIntervalMs }: ProbeTimings,
): Promise<Breaker> {
  const reason = `Its last prompts failed at once: ${why}`.slice(0, MAX_REASON_LENGTH);
  const breaks = `(b.broken_reason is null and cardinality(b.strikes) + 1 >= ${MAX_STRIKES})`;
  const [row] = await em.execute<Breaker[]>(
    `with old as (select id, broken_reason from backends where id = ? for no key update)
     update backends b set
       strikes = case when cardinality(b.strikes) < ${STRIKES_KEPT} then array_append(b.strikes, ?::text) else b.strikes end,
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
  if (!row) throw new Error('A job has no backend');
  return row;
}

/**
 * Broken at once, by one answer that says so. `probeInMs` undefined: it cannot be used as it is, and gets no probe before it was away.
 */
export const breakNow = async (
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

/** The next probe comes later than this one did. */
export const noteProbe = async (em: SqlEntityManager, backendId: string, timings: ProbeTimings): Promise<void> => {
  await em.execute(
    `update backends set probes = probes + 1, probe_at = now() + least(?, ? * power(2, least(probes, 20))) * interval '1 ms' where id = ?`,
    [timings.maxProbeIntervalMs, timings.probeIntervalMs, backendId],
  );
};

/** What makes a broken backend whole again, in an UPDATE of `b`; another fault that it has stays. */
const CLOSED = `broken_reason = null, probe_at = null, probes = 0,
  reason = case when b.reason = b.broken_reason then null else b.reason end,
  offline_since = case when b.reason = b.broken_reason then null else b.offline_since end,
  state = case when b.reason = b.broken_reason then case when b.draining then 'DRAINING' else 'ONLINE' end else b.state end`;

/** A prompt succeeded. Whether the backend was broken until now. */
export async function forgive(em: SqlEntityManager, backendId: string): Promise<boolean> {
  const rows = await em.execute<{ wasBroken: boolean }[]>(
    `with old as (
       select id, broken_reason is not null as "wasBroken" from backends
       where id = ? and (broken_reason is not null or cardinality(strikes) > 0) for no key update)
     update backends b set strikes = '{}', ${CLOSED} from old where b.id = old.id returning "wasBroken"`,
    [backendId],
  );
  return rows[0]?.wasBroken ?? false;
}

/** The generation was the cause: it failed elsewhere as well, and no backend is blamed for it. */
export const withdrawStrikes = async (em: SqlEntityManager, generationId: string): Promise<void> => {
  await em.execute('update backends set strikes = array_remove(strikes, ?::text) where ?::text = any(strikes)', [
    generationId,
    generationId,
  ]);
  await em.execute(
    `update backends b set ${CLOSED}
     where broken_reason is not null and probe_at <> 'infinity' and cardinality(strikes) < ${MAX_STRIKES}`,
  );
};
