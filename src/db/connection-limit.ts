/**
 * Where PostgreSQL refuses a connection because it has too many, whoever needs one waits until one is free. The pool shrinks to the
 * connections that it has, and tries for more now and then.
 */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import type { Logger } from 'pino';
import { codeOf, reasonOf } from '../process/start-error.js';
import type { Timings } from '../process/timings.js';

/** Of the server, of the role, and of the database. */
const TOO_MANY_CONNECTIONS = '53300';
/** Poolers have no code of their own for it. */
const POOLER_IS_FULL = /no more connections allowed|max clients reached/i;
/** While the pool has no connection at all, nobody gives one back. */
const RETRY_MS = 100;
const MAX_GROW_AFTER_MS = 300_000;

/** As after a crash, or when the machine has just started. */
const IS_STARTING = '57P03';

export const isTooManyConnections = (error: unknown): boolean =>
  codeOf(error) === TOO_MANY_CONNECTIONS || POOLER_IS_FULL.test(reasonOf(error));

/** Tries again while PostgreSQL is starting, or full: other servers give back in a few seconds what they do not use. */
export async function whileFull<T>(timeoutMs: number, connect: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      const isPassing = isTooManyConnections(error) || codeOf(error) === IS_STARTING;
      if (!isPassing || performance.now() > deadline) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

type Callback = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

export class ConnectionLimit {
  readonly #size: number;
  readonly #connect: () => Promise<pg.PoolClient>;
  #growing: NodeJS.Timeout | undefined;
  #grownAt = Number.NEGATIVE_INFINITY;
  /** Doubled each time it was too early. */
  #growAfterMs = 0;
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
        // Noticed before the pool is told, which at once would open another connection for the next that waits.
        this.connect = ((callback: (error?: Error) => void) =>
          connect((error?: Error) => {
            if (error) refused(error);
            callback(error);
          })) as typeof this.connect;
      }
    }
    Object.assign(pool, { Client, connect: (callback?: Callback) => this.#acquire(callback) });
  }

  /** What an operator has to know; undefined while all is well. */
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
    // The one that was refused is still counted.
    this.pool.options.max = Math.max(1, Math.min(this.pool.options.max, this.pool.totalCount - 1));
    if (!this.#isRefused) {
      const wasJustGrown = performance.now() - this.#grownAt < this.#growAfterMs;
      this.#growAfterMs = wasJustGrown
        ? Math.min(2 * this.#growAfterMs, MAX_GROW_AFTER_MS)
        : this.timings.poolGrowIntervalMs;
      this.logger.warn(
        { connections: this.pool.options.max, configured: this.#size, reason: reasonOf(error) },
        'PostgreSQL has no more connections; requests wait for a free one. Lower DATABASE_POOL_SIZE or raise max_connections',
      );
    }
    this.#isRefused = true;
    clearTimeout(this.#growing);
    this.#growing = globalThis.setTimeout(() => this.#grow(), this.#growAfterMs).unref();
  }

  #grow(): void {
    this.#isRefused = false;
    this.#grownAt = performance.now();
    this.pool.options.max = this.#size;
    this.logger.info({ configured: this.#size }, 'the pool opens more connections again');
  }
}

/** The pool of the ORM. */
export const poolOf = (orm: MikroORM): Promise<pg.Pool> => orm.em.getDriver().getConnection().getNativeClient();
