/**
 * Writes what became of attempts. It waits for no lock: what another transaction holds is left alone, and is sent again when its claim has
 * expired. Its commit does not wait for the disk: after a crash of PostgreSQL, a delivery may be sent again.
 */
import type { SqlRunner } from '../db/reads.js';
import { collected } from '../process/collected.js';
import type { ClaimedDelivery } from './claims.js';
import { DeliveryState } from './delivery.js';

/** What became of one attempt. */
export type Outcome =
  | { isDelivered: true; status: number }
  | {
      isDelivered: false;
      /** The HTTP status of the response, if there was one. */
      status: number | null;
      error: string;
      /** The receiver wants no further deliveries. */
      isGone?: boolean;
    };

/**
 * The delays of the example in the Standard Webhooks specification, in units of the first: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h
 * and a day make ten attempts in three days.
 */
const DELAYS = [1, 60, 360, 1_440, 3_600, 7_200, 10_080, 14_400, 17_280];
/** Spreads attempts whose receiver was away at the same time. */
const JITTER = 0.2;
const DISABLED_AFTER = `interval '5 days'`;
/** Two failures that are further apart are no lasting failure: nothing was tried between them. The longest delay is a day. */
const FAILURES_LAST = `interval '2 days'`;
const MAX_BATCH = 100;

/** Counts attempts: delivered, to be retried, or given up. */
export type DeliveryMetrics = { attempted(end: 'delivered' | 'retried' | 'failed'): void };

const WRITE = `
  with outcome as materialized (
    select * from jsonb_to_recordset(?) as o (
      id uuid, attempts int, state text, status int, error text, delay_ms double precision, is_gone boolean)
    where set_config('synchronous_commit', 'off', true) is not null),
  held as materialized (
    select d.id from deliveries d join outcome o on o.id = d.id and o.attempts = d.attempts
    where d.state = 'PENDING' for update of d skip locked),
  ended as (
    update deliveries d set state = o.state, failures = case o.state when 'DELIVERED' then 0 else failures + 1 end,
      response_status = o.status, error = o.error, next_attempt_at = now() + o.delay_ms * interval '1 ms',
      delivered_at = case o.state when 'DELIVERED' then now() end
    from outcome o where d.id = o.id and d.id in (select id from held)
    returning d.webhook_id, d.generation_id, d.target, d.seq, d.state, d.next_attempt_at, o.is_gone),
  -- The later events of a generation are due with the earlier one, or at once when that has ended.
  follower as materialized (
    select d.id, e.next_attempt_at from deliveries d
    join ended e on e.generation_id = d.generation_id and e.target = d.target and e.seq < d.seq
    where d.state = 'PENDING' for update of d skip locked),
  moved as (
    update deliveries d set next_attempt_at = coalesce(f.next_attempt_at, now()) from follower f where d.id = f.id),
  told as (
    select webhook_id, bool_or(state = 'DELIVERED') as is_working, bool_or(is_gone) as is_gone
    from ended where webhook_id is not null group by 1),
  webhook as materialized (
    select id from webhooks where id in (select webhook_id from told) for no key update skip locked)
  update webhooks w set
    failing_since = case when not is_working then
      case when failed_at > now() - ${FAILURES_LAST} then failing_since else now() end end,
    failed_at = case when not is_working then now() end,
    disabled_at = case when is_gone
      or not is_working and failed_at > now() - ${FAILURES_LAST} and failing_since < now() - ${DISABLED_AFTER} then now() end
  from told
  where w.id = told.webhook_id and w.id in (select id from webhook) and w.disabled_at is null
    and (is_gone or not is_working or failing_since is not null)
  returning w.id, w.disabled_at is not null as "isDisabled"`;

/** Gives up what is pending for disabled webhooks. */
export const GIVE_UP_DISABLED = `
  update deliveries set state = 'FAILED', error = 'The webhook is disabled', next_attempt_at = null
  where id in (
    select d.id from webhooks w join deliveries d on d.target = w.id
    where w.disabled_at is not null and d.state = 'PENDING' for update of d skip locked)`;

const ENDS = { DELIVERED: 'delivered', PENDING: 'retried', FAILED: 'failed' } as const;

type Written = { delivery: ClaimedDelivery; outcome: Outcome };

export class Outcomes {
  readonly write = collected((batch: readonly Written[]) => this.#write(batch), MAX_BATCH);

  /** @param retryDelayMs before the second attempt */
  constructor(
    private readonly sql: SqlRunner,
    private readonly retryDelayMs: number,
    private readonly metrics: DeliveryMetrics,
  ) {}

  async #write(batch: readonly Written[]): Promise<undefined[]> {
    const rows = batch.map((each) => this.#rowOf(each));
    const webhooks = await this.sql.execute<{ id: string; isDisabled: boolean }[]>(WRITE, [JSON.stringify(rows)]);
    for (const { state } of rows) this.metrics.attempted(ENDS[state]);
    if (webhooks.some(({ isDisabled }) => isDisabled)) await this.sql.execute(GIVE_UP_DISABLED);
    return batch.map(() => undefined);
  }

  #rowOf({ delivery: { id, attempts, failures }, outcome }: Written) {
    const { isDelivered, status } = outcome;
    if (isDelivered) return { id, attempts, state: DeliveryState.DELIVERED, status, is_gone: false };
    const { error, isGone = false } = outcome;
    const factor = isGone ? undefined : DELAYS[failures];
    const state = factor === undefined ? DeliveryState.FAILED : DeliveryState.PENDING;
    const jitter = 1 + JITTER * (2 * Math.random() - 1);
    const delay = factor === undefined ? null : factor * this.retryDelayMs * jitter;
    return { id, attempts, state, status, error, delay_ms: delay, is_gone: isGone };
  }
}
