/**
 * One connection to PostgreSQL that lives as long as the process: for what belongs to a session there, as advisory locks and LISTEN.
 * When it breaks, or does not answer any more, another takes its place.
 */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Timings } from '../process/timings.js';

const REOPEN_EVERY_MS = 500;

type Opening = (client: pg.Client) => Promise<void>;

export class Session {
  #client: pg.Client | undefined;
  readonly #openings: Opening[] = [];
  readonly #stop = new AbortController();
  #asking: NodeJS.Timeout | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly timings: Timings,
    private readonly logger: Logger,
  ) {}

  /** What is to be done on every new connection, before it counts as open. */
  onOpen(opening: Opening): void {
    this.#openings.push(opening);
  }

  /** Undefined while there is none. */
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
    // A connection may be cut without either side being told.
    this.#asking = setInterval(() => this.#ask(client), this.timings.pinnedConnectionCheckMs);
    void ended.then(() => this.#reopen());
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#asking);
    await this.#client?.end().catch(() => {});
  }

  #ask(client: pg.Client): void {
    client.query('select').catch(() => {
      // Ended politely, it would wait for an answer.
      client.connection.stream.destroy();
    });
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    clearInterval(this.#asking);
    this.#client = undefined;
    while (!signal.aborted) {
      try {
        await this.open();
        this.logger.warn('the connection that shows this process alive broke, and is back');
        return;
      } catch (error) {
        this.logger.error({ err: error }, 'the database does not answer');
        await setTimeout(REOPEN_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}
