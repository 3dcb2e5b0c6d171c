/** How often who may do what. It is counted in PostgreSQL: neither a restart nor another server forgets. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { rateLimited } from '../graphql/errors.js';
import { Repeating } from '../process/repeating.js';

const MINUTE = 60;

/** Sign-ins in a quarter of an hour, sign-ups in an hour. */
export type RateSettings = {
  maxSignInsPerAddress: number;
  maxSignUpsPerAddress: number;
  maxCreatedPerMinute: number;
};

/** Each is so many times within so many seconds, from the first of them on. */
const limitsOf = (settings: RateSettings) => ({
  /** Wrong passwords for one account from one address. Not for the account alone, or a stranger could lock its owner out. */
  password: { points: 10, duration: 15 * MINUTE },
  /** Wrong passwords for one account from all addresses: bounds a guess that is spread over many machines. */
  account: { points: 100, duration: 60 * MINUTE },
  signIn: { points: settings.maxSignInsPerAddress, duration: 15 * MINUTE },
  signUp: { points: settings.maxSignUpsPerAddress, duration: 60 * MINUTE },
  creation: { points: settings.maxCreatedPerMinute, duration: MINUTE },
});

export type Limited = keyof ReturnType<typeof limitsOf>;

/** In milliseconds, on PostgreSQL's clock. */
const NOW = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;
/** It has run out; or it would last longer than any, for the clock was set back. */
const IS_OVER = `(r.expire <= ${NOW} or r.expire > ${NOW} + $2)`;
const TAKE = `
  insert into rate_limits as r (key, points, expire) values ($1, 1, ${NOW} + $2)
  on conflict (key) do update set
    points = case when ${IS_OVER} then 1 else r.points + 1 end,
    expire = case when ${IS_OVER} then excluded.expire else r.expire end
  returning points, (expire - ${NOW})::float8 as "leftMs"`;
const SWEEP_INTERVAL_MS = 300_000;
const SWEEP = `delete from rate_limits where expire < ${NOW} - 3600000`;

export class RateLimits {
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #sweeping: Repeating;

  constructor(
    private readonly pool: pg.Pool,
    settings: RateSettings,
    logger: Logger,
  ) {
    this.#limits = limitsOf(settings);
    const sweep = async () => void (await this.pool.query(SWEEP));
    this.#sweeping = new Repeating(SWEEP_INTERVAL_MS, sweep, 'remove old rate limits', logger);
  }

  open(): void {
    this.#sweeping.open();
  }

  /** @throws RATE_LIMITED where it was done too often */
  async take(what: Limited, who: string): Promise<void> {
    const { points: limit, duration } = this.#limits[what];
    const { rows } = await this.pool.query<{ points: number; leftMs: number }>(TAKE, [
      keyOf(what, who),
      duration * 1000,
    ]);
    const { points, leftMs } = rows[0] as { points: number; leftMs: number };
    if (points > limit) throw rateLimited({ limit, retryAfter: Math.max(1, Math.ceil(leftMs / 1000)) });
  }

  /** As if it had not been taken. */
  async giveBack(what: Limited, who: string): Promise<void> {
    await this.pool.query('update rate_limits set points = points - 1 where key = $1 and points > 0', [
      keyOf(what, who),
    ]);
  }

  /** As if none had ever been taken. */
  async forget(what: Limited, who: string): Promise<void> {
    await this.pool.query('delete from rate_limits where key = $1', [keyOf(what, who)]);
  }

  close(): Promise<void> {
    return this.#sweeping.close();
  }
}

/** Neither an address nor what somebody typed in place of one is kept, and each is as long as the other. */
const keyOf = (what: Limited, who: string): string => `${what}:${createHash('sha256').update(who).digest('base64url')}`;
