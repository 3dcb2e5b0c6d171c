/**
 * Hints between the processes that share a database, by NOTIFY. A hint may be lost: it is sent outside of transactions, and not kept for
 * processes that are not listening. So it only names the rows that the receiver should read.
 *
 * Each process notifies the others of its presence. A process that has heard no other one for a while sends no hints.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Timings } from '../process/timings.js';
import type { PinnedConnection } from './pinned-connection.js';

const CHANNEL = 'comfygraph';
/** PostgreSQL accepts less than 8,000 bytes in one notification. */
const MAX_BYTES = 7_500;
/** Hints kept while there is no connection; more would be stale anyway. */
const MAX_PENDING = 10_000;
const SELF_TEST_TIMEOUT_MS = 2_000;
/** A process is gone after this many intervals without a message of it. */
const SILENT_INTERVALS = 3;
/** How long a process that has just started assumes that there are others: they answer its first notification. */
const ANSWER_TIMEOUT_MS = 1_000;
/** Names its process alone. */
const PRESENCE = '[]';

export type Hint = string | number | boolean | null;
type Listener = (...hints: Hint[]) => void;
/** A topic and its hints. Kept as JSON, so that equal pending messages are sent once. */
type Message = [topic: string, ...hints: Hint[]];

export class Channel {
  readonly #self = randomUUID();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #openings = new Set<() => void>();
  readonly #pending = new Set<string>();
  #sending: Promise<void> | undefined;
  #isReceiving = false;
  /** When another process was last heard, as milliseconds of `performance.now()`. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #onSelfTest: (() => void) | undefined;

  constructor(
    private readonly connection: PinnedConnection,
    private readonly timings: Pick<Timings, 'pinnedConnectionCheckMs'>,
    private readonly logger: Logger,
  ) {
    connection.checkBy(async (client) => {
      await this.#notify(client, PRESENCE);
      // Hints of a time without a connection.
      this.#send();
    });
    connection.onOpen(async (client) => {
      this.#heardAt = Math.max(this.#heardAt, performance.now() + ANSWER_TIMEOUT_MS - this.#maxSilenceMs);
      client.on('notification', ({ payload }) => this.#receive(payload ?? ''));
      await client.query(`listen ${CHANNEL}`);
      await this.#selfTest(client);
      for (const opening of this.#openings) opening();
    });
  }

  /** Whether notifications arrive. A pooler may swallow them; then callers have to poll. */
  get isReceiving(): boolean {
    return this.#isReceiving;
  }

  /** Listens to a topic of the other processes. @returns a function that stops listening */
  on(topic: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Calls `opening` whenever the connection opens: hints sent before that were missed. */
  onOpen(opening: () => void): void {
    this.#openings.add(opening);
  }

  /** Sends to all other processes, soon. */
  send(topic: string, ...hints: Hint[]): void {
    if (this.#isAlone) return;
    if (this.#pending.size < MAX_PENDING) this.#pending.add(JSON.stringify([topic, ...hints]));
    this.#send();
  }

  /** A process that starts notifies of its presence before it serves anybody. */
  get #isAlone(): boolean {
    const isSilent = performance.now() - this.#heardAt > this.#maxSilenceMs;
    return isSilent && this.#isReceiving && this.connection.client !== undefined;
  }

  get #maxSilenceMs(): number {
    return SILENT_INTERVALS * this.timings.pinnedConnectionCheckMs;
  }

  #send(): void {
    if (this.#pending.size === 0 || !this.connection.client) return;
    // Messages that arrive during a send go out together in the next one.
    this.#sending ??= this.#sendBatch(this.connection.client).finally(() => {
      this.#sending = undefined;
      this.#send();
    });
  }

  async #sendBatch(client: pg.Client): Promise<void> {
    let bytes = 0;
    const messages: string[] = [];
    for (const message of this.#pending) {
      bytes += Buffer.byteLength(message) + 1;
      if (bytes > MAX_BYTES) break;
      this.#pending.delete(message);
      messages.push(message);
    }
    const payload = `${this.#self}[${messages.join()}]`;
    // A hint may be lost, so it need not wait for the disk.
    await client
      .query(`select pg_notify($1, $2), set_config('synchronous_commit', 'off', true)`, [CHANNEL, payload])
      .catch((error) => this.logger.debug({ err: error }, 'could not send hints to the other processes'));
  }

  #receive(payload: string): void {
    const sender = payload.slice(0, this.#self.length);
    const text = payload.slice(this.#self.length);
    if (sender === this.#self) {
      if (text === '') this.#onSelfTest?.();
      return;
    }
    this.#heardAt = performance.now();
    const { client } = this.connection;
    if (text === '' && client) this.#notify(client, PRESENCE).catch(() => {});
    for (const [topic, ...hints] of parse(text))
      for (const listener of this.#listeners.get(topic) ?? []) listener(...hints);
  }

  async #selfTest(client: pg.Client): Promise<void> {
    const received = new Promise<boolean>((resolve) => {
      this.#onSelfTest = () => resolve(true);
    });
    await this.#notify(client, '');
    this.#isReceiving = await Promise.race([received, setTimeout(SELF_TEST_TIMEOUT_MS, false, { ref: false })]);
    if (!this.#isReceiving)
      this.logger.warn(
        'LISTEN receives no notifications: is there a pooler in front of PostgreSQL? Live updates may be a second late',
      );
  }

  async #notify(client: pg.Client, text: string): Promise<void> {
    await client.query('select pg_notify($1, $2)', [CHANNEL, `${this.#self}${text}`]);
  }
}

/** Ignores messages that it does not know: other processes may run another version. */
function parse(text: string): Message[] {
  try {
    const messages: unknown = JSON.parse(text);
    if (!Array.isArray(messages)) return [];
    return messages.filter((message): message is Message => Array.isArray(message) && typeof message[0] === 'string');
  } catch {
    return [];
  }
}
