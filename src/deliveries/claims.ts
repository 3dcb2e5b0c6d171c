/**
 * Claims due deliveries of the outbox. A claim is a later `next_attempt_at`: if the process dies, the delivery is due again. Several servers
 * share the work by `skip locked`. An event is not sent before the earlier ones of its generation, to the same receiver, have ended.
 */
import type { SqlRunner } from '../db/reads.js';
import type { WebhookEvent } from './webhooks/webhook-event.js';

/** Of one process. A receiver that fails has one at a time. */
const MAX_PER_TARGET = 4;
const MAX_PER_USER = 16;
const MAX_AT_ONCE = 128;
/** Receivers that fail, and may take the whole timeout, leave the rest to the others. */
const MAX_FAILING = MAX_AT_ONCE / 2;

export type ClaimedDelivery = {
  id: string;
  userId: string;
  generationId: string;
  target: string;
  event: WebhookEvent;
  data: Record<string, unknown>;
  createdAt: string;
  /** Rises with each claim. An outcome with an older number changes nothing. */
  attempts: number;
  /** Failed attempts since its creation or redelivery. */
  failures: number;
  url: string;
  /** Null for the URL of one generation, whose deliveries are not signed. */
  secret: string | null;
  /** Whether its receiver has failed since its last success. */
  isFailing: boolean;
};

/**
 * A loose index scan finds the receivers with pending deliveries, so that a receiver with a million of them costs as much as one with few.
 * First the first of each receiver, then the second of each, and so on.
 */
const CLAIM = `
  with recursive pending as (
    (select target from deliveries where state = 'PENDING' order by target limit 1)
    union all
    select (select target from deliveries where state = 'PENDING' and target > p.target order by target limit 1)
    from pending p where p.target is not null),
  busy as materialized (select * from jsonb_to_recordset(?) as b (target uuid, user_id uuid)),
  due as materialized (
    select d.*, coalesce(d.failures > 0 or w.failing_since is not null, false) as is_failing
    from pending p left join webhooks w on w.id = p.target
    cross join lateral (
      select *, row_number() over (order by next_attempt_at, seq) as nth from (
        select id, user_id, failures, next_attempt_at, seq from deliveries d
        where d.target = p.target and state = 'PENDING' and next_attempt_at <= now() and not exists (
          select from deliveries e
          where e.generation_id = d.generation_id and e.target = d.target and e.state = 'PENDING' and e.seq < d.seq)
        order by next_attempt_at, seq
        limit greatest(0, case when w.failing_since is null then ${MAX_PER_TARGET} else 1 end
          - (select count(*) from busy where busy.target = p.target))) d) d
    join users u on u.id = d.user_id and u.disabled_at is null
    where p.target is not null and w.disabled_at is null),
  allowed as (
    select *, row_number() over (partition by is_failing order by nth, next_attempt_at) as lane from (
      select *, row_number() over (partition by user_id order by nth, next_attempt_at)
        + (select count(*) from busy where busy.user_id = due.user_id) as of_user from due) due
    where of_user <= ${MAX_PER_USER}),
  chosen as (
    select id from allowed where lane <= case when is_failing then ?::int else ?::int end order by nth, next_attempt_at limit ?::int),
  free as materialized (
    select id from deliveries
    where id in (select id from chosen) and state = 'PENDING' and next_attempt_at <= now() for update skip locked),
  claimed as (
    update deliveries d set attempts = attempts + 1, next_attempt_at = now() + ? * interval '1 ms'
    from free where d.id = free.id and set_config('synchronous_commit', 'off', true) is not null returning d.*)
  select c.id, c.user_id as "userId", c.generation_id as "generationId", c.target, c.event, c.data, c.created_at::text as "createdAt",
    c.attempts, c.failures, coalesce(w.url, g.webhook_url) as url, w.secret, due.is_failing as "isFailing"
  from claimed c join due on due.id = c.id join generations g on g.id = c.generation_id left join webhooks w on w.id = c.webhook_id
  order by c.seq`;

/** @param underWay the deliveries that this process is sending */
export async function claimDeliveries(
  sql: SqlRunner,
  underWay: readonly ClaimedDelivery[],
  leaseMs: number,
): Promise<ClaimedDelivery[]> {
  const free = MAX_AT_ONCE - underWay.length;
  if (free <= 0) return [];
  const busy = underWay.map(({ target, userId }) => ({ target, user_id: userId }));
  const freeFailing = MAX_FAILING - underWay.filter(({ isFailing }) => isFailing).length;
  return await sql.execute(CLAIM, [JSON.stringify(busy), freeFailing, free, free, leaseMs]);
}
