/** How often who may do what. It is counted in PostgreSQL: neither a restart nor another server forgets. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.js';
import { rateLimited } from '../graphql/errors.js';

const MINUTE = 60;

export type RateSettings = Pick<Config, 'maxSignInsPerAddress' | 'maxSignUpsPerAddress' | 'maxCreatedPerMinute'>;

/** Each is so many times within so many seconds, from the first of them on. */
const limitsOf = (settings: RateSettings) => ({
  /** A password, tried for one account: by signing in, and by changing it. */
  password: { points: 10, duration: 15 * MINUTE },
  signIn: { points: settings.maxSignInsPerAddress, duration: 15 * MINUTE },
  signUp: { points: settings.maxSignUpsPerAddress, duration: 60 * MINUTE },
  creation: { points: settings.maxCreatedPerMinute, duration: MINUTE },
});

export type Limited = keyof ReturnType<typeof limitsOf>;

export class RateLimits {
  readonly #limiters: Record<Limited, RateLimiterPostgres>;

  constructor(pool: pg.Pool, settings: RateSettings) {
    const limiterOf = (keyPrefix: Limited, limit: { points: number; duration: number }) =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        // Of those that ran out long ago.
        clearExpiredByTimeout: keyPrefix === 'password',
        keyPrefix,
        ...limit,
      });
    const limits = limitsOf(settings);
    this.#limiters = {
      password: limiterOf('password', limits.password),
      signIn: limiterOf('signIn', limits.signIn),
      signUp: limiterOf('signUp', limits.signUp),
      creation: limiterOf('creation', limits.creation),
    };
  }

  /** @throws RATE_LIMITED where it was done too often */
  async take(what: Limited, who: string): Promise<void> {
    const limiter = this.#limiters[what];
    try {
      await limiter.consume(keyOf(who));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw rateLimited({ limit: limiter.points, retryAfter: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) });
    }
  }

  /** As if it had not been taken. */
  async giveBack(what: Limited, who: string): Promise<void> {
    await this.#limiters[what].reward(keyOf(who));
  }

  /** As if none had ever been taken. */
  async forget(what: Limited, who: string): Promise<void> {
    await this.#limiters[what].delete(keyOf(who));
  }
}

/** Neither an address nor what somebody typed in place of one is kept, and each is as long as the other. */
const keyOf = (who: string): string => createHash('sha256').update(who).digest('base64url');
