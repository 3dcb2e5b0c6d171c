/**
 * What the processes that share a database tell each other, by NOTIFY. Hints, and nothing that may not be lost: they are sent beside
 * the transactions, and not kept for who is away. So they say *look*, and name what to look at.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Session } from './pinned-connection.js';

const CHANNEL = 'comfygraph';
/** PostgreSQL takes less than 8,000 bytes in one notification. */
const MAX_BYTES = 7_500;
/** While there is no connection, as many wait; more would be stale anyway. */
const MAX_WAITING = 10_000;
const HEARD_WITHIN_MS = 2_000;

export type Hint = string | number | boolean | null;
type Listener = (...words: Hint[]) => void;
/** A hint with its topic, as JSON: equal ones that wait are one. */
type Message = [topic: string, ...words: Hint[]];

export class Channel {
  readonly #self = randomUUID();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #openings = new Set<() => void>();
  readonly #waiting = new Set<string>();
  #sending: Promise<void> | undefined;
  #isHeard = false;
  #onHeard: (() => void) | undefined;

  constructor(
    private readonly session: Session,
    private readonly logger: Logger,
  ) {
    session.onOpen(async (client) => {
      client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
      await client.query(`listen ${CHANNEL}`);
      await this.#check(client);
      for (const opening of this.#openings) opening();
    });
  }

  /** Whether what is sent arrives. A pooler in between may swallow it: then only looking again and again helps. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** What the others send on a topic. The answer ends it. */
  on(topic: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Called when the connection is there (again): what was said until then was not heard. */
  onOpen(opening: () => void): void {
    this.#openings.add(opening);
  }

  /** To all others, soon. */
  send(topic: string, ...words: Hint[]): void {
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(JSON.stringify([topic, ...words]));
    this.#send();
  }

  #send(): void {
    if (this.#waiting.size === 0 || !this.session.client) return;
    // What comes while one is on its way goes together with the next.
    this.#sending ??= this.#sendSome(this.session.client).finally(() => {
      this.#sending = undefined;
      this.#send();
    });
  }

  async #sendSome(client: pg.Client): Promise<void> {
    let bytes = 0;
    const messages: string[] = [];
    for (const message of this.#waiting) {
      bytes += Buffer.byteLength(message) + 1;
      if (bytes > MAX_BYTES) break;
      this.#waiting.delete(message);
      messages.push(message);
    }
    const payload = `${this.#self}[${messages.join()}]`;
    await client
      .query('select pg_notify($1, $2)', [CHANNEL, payload])
      .catch((error) => this.logger.debug({ err: error }, 'hints to the other processes were lost'));
  }

  #hear(payload: string): void {
    const sender = payload.slice(0, this.#self.length);
    const text = payload.slice(this.#self.length);
    if (sender === this.#self) {
      if (text === '') this.#onHeard?.();
      return;
    }
    for (const [topic, ...words] of parse(text))
      for (const listener of this.#listeners.get(topic) ?? []) listener(...words);
  }

  async #check(client: pg.Client): Promise<void> {
    const heard = new Promise<boolean>((resolve) => {
      this.#onHeard = () => resolve(true);
    });
    await client.query('select pg_notify($1, $2)', [CHANNEL, this.#self]);
    this.#isHeard = await Promise.race([heard, setTimeout(HEARD_WITHIN_MS, false, { ref: false })]);
    if (!this.#isHeard)
      this.logger.warn(
        'LISTEN hears nothing: is there a pooler before PostgreSQL? Live updates may come a second late',
      );
  }
}

/** Another version may send what this one does not know. */
function parse(text: string): Message[] {
  try {
    const messages: unknown = JSON.parse(text);
    if (!Array.isArray(messages)) return [];
    return messages.filter((message): message is Message => Array.isArray(message) && typeof message[0] === 'string');
  } catch {
    return [];
  }
}
