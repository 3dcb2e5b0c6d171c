/** Sends what is due in the outbox, and keeps the outbox small. It shares nothing with jobs but a few short statements. */
import type { Logger } from 'pino';
import type { SqlRunner } from '../db/reads.js';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';
import { type ClaimedDelivery, claimDeliveries } from './claims.js';
import { type DeliveryMetrics, GIVE_UP_DISABLED, type Outcome, Outcomes } from './outcomes.js';

/** How one kind of receiver is notified. */
export type Channel = {
  /** Makes one attempt. It never rejects; if the signal has aborted the attempt, it returns undefined. */
  send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Outcome | undefined>;
};

const REMOVE_OLD = `
  delete from deliveries where id in (
    select id from deliveries
    where state = 'DELIVERED' and created_at < now() - interval '7 days' or state = 'FAILED' and created_at < now() - interval '30 days'
    order by created_at limit 1000 for update skip locked)
  returning id`;

const RELEASE = `
  update deliveries d set next_attempt_at = now()
  from jsonb_to_recordset(?) as a (id uuid, attempts int)
  where d.id = a.id and d.attempts = a.attempts and d.state = 'PENDING'`;

/** Closed: no timers, and nothing under way. Open: claims at an interval, and soon after an attempt has ended. */
export class Sender {
  readonly #claiming: Repeating;
  readonly #sweeping: Repeating;
  readonly #outcomes: Outcomes;
  readonly #aborted: ClaimedDelivery[] = [];
  readonly #underWay = new Map<ClaimedDelivery, Promise<void>>();
  #stop = new AbortController();
  /** Before the next claim between two ticks. */
  #pause: NodeJS.Timeout | undefined;

  constructor(
    private readonly sql: SqlRunner,
    private readonly channel: Channel,
    private readonly timings: Timings,
    metrics: DeliveryMetrics,
    private readonly logger: Logger,
  ) {
    this.#outcomes = new Outcomes(sql, timings.deliveryRetryDelayMs, metrics);
    this.#claiming = new Repeating(timings.deliveryIntervalMs, () => this.#claim(), 'claim deliveries', logger);
    this.#sweeping = new Repeating(timings.cleanIntervalMs, () => this.#sweep(), 'remove old deliveries', logger);
  }

  open(): void {
    this.#stop = new AbortController();
    this.#claiming.open();
    this.#sweeping.open();
    this.#claiming.now();
  }

  /** Aborts the attempts that are under way. Their deliveries are due at once, on any server. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#pause);
    this.#pause = undefined;
    await Promise.all([this.#claiming.close(), this.#sweeping.close()]);
    await Promise.all(this.#underWay.values());
    const aborted = this.#aborted.splice(0).map(({ id, attempts }) => ({ id, attempts }));
    if (aborted.length > 0) await this.sql.execute(RELEASE, [JSON.stringify(aborted)]);
  }

  async #claim(): Promise<void> {
    const claimed = await claimDeliveries(this.sql, [...this.#underWay.keys()], this.timings.deliveryLeaseMs);
    for (const delivery of claimed)
      this.#underWay.set(
        delivery,
        this.#send(delivery).finally(() => this.#ended(delivery)),
      );
  }

  /** There is room for others. Attempts that end one after the other share a claim. */
  #ended(delivery: ClaimedDelivery): void {
    this.#underWay.delete(delivery);
    if (this.#stop.signal.aborted) return;
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#claiming.now();
    }, this.timings.deliveryPauseMs);
  }

  async #send(delivery: ClaimedDelivery): Promise<void> {
    try {
      const outcome = await this.channel.send(delivery, this.#stop.signal);
      if (outcome) await this.#outcomes.write({ delivery, outcome });
      else this.#aborted.push(delivery);
    } catch (error) {
      this.logger.error({ err: error, delivery: delivery.id }, 'could not save the outcome of a delivery');
    }
  }

  async #sweep(): Promise<void> {
    await this.sql.execute(GIVE_UP_DISABLED);
    while ((await this.sql.execute(REMOVE_OLD)).length > 0 && !this.#stop.signal.aborted);
  }
}
