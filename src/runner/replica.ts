/**
 * This process among those that share the database. A boot number of its own, and a session that holds an advisory lock on it for as long
 * as the process lives: whoever finds the lock free knows at once that the process is gone.
 */
import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';

/** First key of the lock; the second is the boot number. */
export const LOCK_CLASS = 0x636f6d66;
const MAX_NUMBER = 2 ** 31 - 1;
const RECONNECT_EVERY_MS = 500;

export class Replica {
  #number = 0;
  #session: pg.Client | undefined;
  readonly #stop = new AbortController();

  constructor(
    private readonly databaseUrl: string,
    private readonly logger: Logger,
  ) {}

  /** Changes when the session breaks: what was held under the old number may have been taken. */
  get number(): number {
    return this.#number;
  }

  async open(): Promise<void> {
    const session = new pg.Client({ connectionString: this.databaseUrl, keepAlive: true });
    session.on('error', () => {});
    await session.connect();
    const number = randomInt(1, MAX_NUMBER);
    await session.query('select pg_advisory_lock($1, $2)', [LOCK_CLASS, number]);
    session.once('end', () => void this.#reopen());
    this.#session = session;
    this.#number = number;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#session?.end().catch(() => {});
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.open();
        this.logger.warn({ replica: this.#number }, 'the session that shows this process alive broke, and is back');
        return;
      } catch (error) {
        this.logger.error({ err: error }, 'the database does not answer');
        await setTimeout(RECONNECT_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
