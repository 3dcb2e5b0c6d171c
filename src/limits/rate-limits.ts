/** Rate limits by user, address and account. PostgreSQL counts: a restart keeps the counts, and all servers share them. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { rateLimited } from '../graphql/errors.js';
import { Repeating } from '../process/repeating.js';
import { Counter, NOW } from './counter.js';

const MINUTE = 60;

/** Sign-ins in 15 minutes, sign-ups in an hour. */
type RateSettings = {
  maxSignInsPerAddress: number;
  maxSignUpsPerAddress: number;
  maxCreatedPerMinute: number;
  maxUploadsPerMinute: number;
};

/** At most `points` times within `duration` seconds; the window starts with the first. */
const limitsOf = (settings: RateSettings) => ({
  /** Wrong passwords for one account from one address. By account alone, a stranger could lock the owner out. */
  password: { points: 10, duration: 15 * MINUTE },
  /** Wrong passwords for one account from all addresses: limits guessing from many machines. */
  account: { points: 100, duration: 60 * MINUTE },
  signIn: { points: settings.maxSignInsPerAddress, duration: 15 * MINUTE },
  signUp: { points: settings.maxSignUpsPerAddress, duration: 60 * MINUTE },
  creation: { points: settings.maxCreatedPerMinute, duration: MINUTE },
  /** New webhooks, and deliveries that are sent again. */
  webhook: { points: 60, duration: MINUTE },
  upload: { points: settings.maxUploadsPerMinute, duration: MINUTE },
});

type RateLimit = keyof ReturnType<typeof limitsOf>;

const SWEEP_INTERVAL_MS = 300_000;
const SWEEP = `delete from rate_limits where expire < ${NOW} - 3600000`;

export class RateLimits {
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #sweeping: Repeating;
  readonly #counters = new Map<RateLimit, Counter>();

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

  /** Counts one. @throws RATE_LIMITED above the limit */
  async take(limit: RateLimit, key: string): Promise<void> {
    const { points: max, duration } = this.#limits[limit];
    const counter = this.#counters.get(limit) ?? new Counter(this.pool, duration * 1000);
    this.#counters.set(limit, counter);
    const { points, leftMs } = await counter.take(keyOf(limit, key));
    if (points > max) throw rateLimited({ limit: max, retryAfter: Math.max(1, Math.ceil(leftMs / 1000)) });
  }

  /** Takes back one count. */
  async giveBack(limit: RateLimit, key: string): Promise<void> {
    await this.pool.query('update rate_limits set points = points - 1 where key = $1 and points > 0', [
      keyOf(limit, key),
    ]);
  }

  /** Removes all counts. */
  async reset(limit: RateLimit, key: string): Promise<void> {
    await this.pool.query('delete from rate_limits where key = $1', [keyOf(limit, key)]);
  }

  close(): Promise<void> {
    return this.#sweeping.close();
  }
}

/** Hashed: the table stores no addresses and no email addresses, and every key has the same length. */
const keyOf = (limit: RateLimit, key: string): string =>
  `${limit}:${createHash('sha256').update(key).digest('base64url')}`;
