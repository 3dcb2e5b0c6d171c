/** How often who may do what. It is counted in PostgreSQL: neither a restart nor another server forgets. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Logger } from 'pino';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.js';
import { rateLimited } from '../graphql/errors.js';

const MAX_CONNECTIONS = 4;
const MINUTE = 60;

export type RateSettings = Pick<Config, 'maxSignInsPerAddress' | 'maxSignUpsPerAddress' | 'maxCreatedPerMinute'>;

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

export class RateLimits {
  readonly #pool: pg.Pool;
  readonly #limiters: Record<Limited, RateLimiterPostgres>;

  constructor(databaseUrl: string, settings: RateSettings, logger: Logger) {
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
      keepAlive: true,
      // They keep no process alive that has ended otherwise.
      allowExitOnIdle: true,
    });
    // One that breaks while it is idle is replaced by the next that is needed.
    this.#pool.on('error', (error) => logger.debug({ err: error }, 'an idle connection broke'));
    const limiterOf = (keyPrefix: Limited, limit: { points: number; duration: number }) =>
      new RateLimiterPostgres({
        storeClient: this.#pool,
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
      account: limiterOf('account', limits.account),
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

  close(): Promise<void> {
    return this.#pool.end();
  }
}

/** Neither an address nor what somebody typed in place of one is kept, and each is as long as the other. */
const keyOf = (who: string): string => createHash('sha256').update(who).digest('base64url');
