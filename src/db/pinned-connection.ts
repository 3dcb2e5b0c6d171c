/**
 * One connection to PostgreSQL that lives as long as the process, for session state: advisory locks and LISTEN. A connection that breaks
 * or stops responding is replaced.
 */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';

const REOPEN_INTERVAL_MS = 500;

type Opening = (client: pg.Client) => Promise<void>;

/**
 * Closed until `open`. Open while `client` is set: each interval a query checks it. Reopening from the end of a client until the next one
 * is open: `client` is undefined, and it tries again without end. Closed for good after `close`.
 */
export class PinnedConnection {
  #client: pg.Client | undefined;
  readonly #openings: Opening[] = [];
  #checkBy: Opening = async (client) => void (await client.query('select'));
  readonly #stop = new AbortController();
  readonly #checks: Repeating;

  constructor(
    private readonly databaseUrl: string,
    private readonly timings: Timings,
    private readonly logger: Logger,
  ) {
    this.#checks = new Repeating(
      timings.pinnedConnectionCheckMs,
      () => this.#check(),
      'check the pinned connection',
      logger,
    );
  }

  /** Runs `opening` on every new connection before it counts as open. */
  onOpen(opening: Opening): void {
    this.#openings.push(opening);
  }

  /** Replaces the query that checks the connection at each interval. */
  checkBy(check: Opening): void {
    this.#checkBy = check;
  }

  /** Undefined while there is no connection. */
  get client(): pg.Client | undefined {
    return this.#client;
  }

  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: this.timings.connectionTimeoutMs,
      query_timeout: this.timings.pinnedConnectionCheckMs,
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => {});
    try {
      await client.connect();
      for (const opening of this.#openings) await opening(client);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    // A connection may be cut without notice to either side.
    this.#checks.open();
    void ended.then(() => this.#reopen());
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#checks.close(), this.#client?.end().catch(() => {})]);
  }

  async #check(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    // `end` would wait for the response that does not come.
    await this.#checkBy(client).catch(() => client.connection.stream.destroy());
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    this.#client = undefined;
    await this.#checks.close();
    while (!signal.aborted) {
      try {
        await this.open();
        this.logger.warn('the pinned connection to PostgreSQL broke and was reopened');
        return;
      } catch (error) {
        this.logger.error({ err: error }, 'PostgreSQL is unreachable');
        await setTimeout(REOPEN_INTERVAL_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
