/**
 * Lets callers wait for a free connection when PostgreSQL refuses another one (too many connections). The pool shrinks to the connections
 * that it has, and tries from time to time to grow again.
 */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import type { Logger } from 'pino';
import { codeOf, reasonOf } from '../process/start-error.js';
import type { Timings } from '../process/timings.js';

/** The limit of the server, of the role, or of the database. */
const TOO_MANY_CONNECTIONS = '53300';
/** Poolers have no error code for it. */
const POOLER_IS_FULL = /no more connections allowed|max clients reached/i;
/** Used while the pool has no connection at all, so that none can become free. */
const RETRY_MS = 100;
const MAX_GROW_DELAY_MS = 300_000;

/** After a crash, or when the machine has just started. */
const IS_STARTING = '57P03';

const isTooManyConnections = (error: unknown): boolean =>
  codeOf(error) === TOO_MANY_CONNECTIONS || POOLER_IS_FULL.test(reasonOf(error));

/** Retries while PostgreSQL is starting or has no free connection: other servers release unused connections within seconds. */
export async function retryWhileFull<T>(timeoutMs: number, connect: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      const isTransient = isTooManyConnections(error) || codeOf(error) === IS_STARTING;
      if (!isTransient || performance.now() > deadline) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

type Callback = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

export class AdaptivePool {
  readonly #size: number;
  readonly #connect: () => Promise<pg.PoolClient>;
  #growTimer: NodeJS.Timeout | undefined;
  #grownAt = Number.NEGATIVE_INFINITY;
  /** Doubled after each attempt that was too early. */
  #growDelayMs = 0;
  #isRefused = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly timings: Pick<Timings, 'connectionTimeoutMs' | 'poolGrowIntervalMs'>,
    private readonly logger: Logger,
  ) {
    this.#size = pool.options.max;
    this.#connect = pool.connect.bind(pool);
    const refused = (error: unknown) => this.#refused(error);
    class Client extends pg.Client {
      constructor(config: pg.ClientConfig) {
        super(config);
        const connect = this.connect.bind(this);
        // Before the pool's callback, which would open another connection for the next waiting caller at once.
        this.connect = ((callback: (error?: Error) => void) =>
          connect((error?: Error) => {
            if (error) refused(error);
            callback(error);
          })) as typeof this.connect;
      }
    }
    Object.assign(pool, { Client, connect: (callback?: Callback) => this.#acquire(callback) });
  }

  /** A message for the operator; undefined while PostgreSQL accepts connections. */
  get fault(): string | undefined {
    if (!this.#isRefused) return undefined;
    return `PostgreSQL has no more connections: requests share ${this.pool.options.max} of ${this.#size}`;
  }

  #acquire(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const acquiring = this.#acquireWithin(performance.now() + this.timings.connectionTimeoutMs);
    if (!callback) return acquiring;
    acquiring.then((client) => callback(undefined, client, client.release.bind(client)), callback);
    return undefined;
  }

  async #acquireWithin(deadline: number): Promise<pg.PoolClient> {
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (!isTooManyConnections(error) || performance.now() > deadline) throw error;
        if (this.pool.totalCount === 0) await setTimeout(RETRY_MS);
      }
    }
  }

  #refused(error: unknown): void {
    if (!isTooManyConnections(error)) return;
    // totalCount includes the refused connection.
    this.pool.options.max = Math.max(1, Math.min(this.pool.options.max, this.pool.totalCount - 1));
    if (!this.#isRefused) {
      const wasJustGrown = performance.now() - this.#grownAt < this.#growDelayMs;
      this.#growDelayMs = wasJustGrown
        ? Math.min(2 * this.#growDelayMs, MAX_GROW_DELAY_MS)
        : this.timings.poolGrowIntervalMs;
      this.logger.warn(
        { connections: this.pool.options.max, configured: this.#size, reason: reasonOf(error) },
        'PostgreSQL has no more connections; requests wait for a free one. Lower DATABASE_POOL_SIZE or raise max_connections',
      );
    }
    this.#isRefused = true;
    clearTimeout(this.#growTimer);
    this.#growTimer = globalThis.setTimeout(() => this.#grow(), this.#growDelayMs).unref();
  }

  #grow(): void {
    this.#isRefused = false;
    this.#grownAt = performance.now();
    this.pool.options.max = this.#size;
    this.logger.info({ configured: this.#size }, 'the pool may open more connections again');
  }
}

/** The ORM's connection pool. */
export const poolOf = (orm: MikroORM): Promise<pg.Pool> => orm.em.getDriver().getConnection().getNativeClient();
