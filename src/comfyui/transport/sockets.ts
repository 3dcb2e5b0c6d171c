/**
 * Keeps a socket to ComfyUI open and hands on what it says. A help only: nobody may conclude anything from its silence.
 *
 * Every connection has a fresh client id: when an old connection under the same id is noticed dead, ComfyUI also forgets the
 * new one, which then stays open and hears nothing. But what was sent under the older id is told to that id alone, so a second
 * socket is kept under it while someone holds it; ours had ended before, and if it is silent it is opened anew.
 */
import { randomUUID } from 'node:crypto';
import { promptIdOf } from '../protocol/message.js';
import type { Address } from './address.js';
import { backoffMs, sleep } from './backoff.js';
import { Connection, type SocketEvent } from './connection.js';
import type { Logger } from './logger.js';
import type { ComfyUITimings } from './timings.js';

export class Sockets {
  readonly #listeners = new Set<(event: SocketEvent) => void>();
  readonly #held = new Map<string, number>();
  /** By client id: the main one and those under held ids. */
  readonly #connections = new Map<string, Connection>();
  readonly #keeping = new Map<string, Promise<void>>();
  readonly #closed = new AbortController();
  readonly #lossListeners = new Set<() => void>();
  #clientId: string;
  /** When it last told of a prompt, in milliseconds of `performance`. */
  heardAt = 0;
  #main: Promise<void> | undefined;

  constructor(
    private readonly address: Address,
    private readonly clientIdPrefix: string,
    private readonly timings: ComfyUITimings,
    private readonly logger: Logger,
  ) {
    this.#clientId = this.#freshId();
  }

  /** The id of the connection that is open, else of the next one: a prompt sent under it is heard once that one is open. */
  get clientId(): string {
    return this.#clientId;
  }

  get connected(): boolean {
    return this.#connections.get(this.#clientId)?.isOpen ?? false;
  }

  connect(): void {
    if (!this.#closed.signal.aborted) this.#main ??= this.#keepMain();
  }

  /** `listener` is called where the socket is read: it returns at once. The answer ends it. */
  listen(listener: (event: SocketEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls `listener` whenever the main connection has ended after ComfyUI spoke on it: ComfyUI may have restarted. */
  onLoss(listener: () => void): void {
    this.#lossListeners.add(listener);
  }

  /**
   * While held, an id that is not (or no longer) the current one has a socket of its own. Ids that do not begin with our prefix
   * belong to others and are left alone. The answer lets go.
   */
  hold(clientId: string): () => void {
    const isOurs =
      clientId === this.#clientId || (this.clientIdPrefix !== '' && clientId.startsWith(this.clientIdPrefix));
    if (!isOurs) return () => undefined;
    this.#held.set(clientId, (this.#held.get(clientId) ?? 0) + 1);
    this.#keepHeld(clientId);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#held.get(clientId) ?? 1) - 1;
      if (left > 0) return void this.#held.set(clientId, left);
      this.#held.delete(clientId);
      if (clientId !== this.#clientId) this.#connections.get(clientId)?.close();
    };
  }

  /** A prompt was queued at `sinceMs` (of `performance`): a connection that does not tell of it is replaced. */
  expectStatus(sinceMs: number): void {
    for (const connection of this.#connections.values()) connection.expectStatus(sinceMs);
  }

  /** Ends all connections and waits for their ends. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const connection of this.#connections.values()) connection.close();
    await Promise.all([this.#main, ...this.#keeping.values()]);
    this.#listeners.clear();
  }

  async #keepMain(): Promise<void> {
    await this.#keep(
      () => true,
      () => this.#clientId,
      (ended, wasHeard) => {
        if (wasHeard) for (const listener of this.#lossListeners) listener();
        this.#clientId = this.#freshId();
        this.#keepHeld(ended);
      },
    );
  }

  #keepHeld(clientId: string): void {
    if (!this.#main || this.#closed.signal.aborted || clientId === this.#clientId) return;
    if (this.#keeping.has(clientId) || !this.#held.has(clientId)) return;
    const keeping = this.#keep(
      () => this.#held.has(clientId),
      () => clientId,
    ).finally(() => {
      this.#keeping.delete(clientId);
      // Held again while the last connection was ending.
      this.#keepHeld(clientId);
    });
    this.#keeping.set(clientId, keeping);
  }

  /** One connection after the other while it is wanted. */
  async #keep(
    isWanted: () => boolean,
    id: () => string,
    onEnd?: (clientId: string, wasHeard: boolean) => void,
  ): Promise<void> {
    let failures = 0;
    while (!this.#closed.signal.aborted && isWanted()) {
      const clientId = id();
      const connection = new Connection(
        this.address,
        clientId,
        this.timings,
        (event) => this.#emit(event),
        this.logger,
      );
      this.#connections.set(clientId, connection);
      await connection.ended;
      this.#connections.delete(clientId);
      failures = connection.wasHeard ? 1 : failures + 1;
      onEnd?.(clientId, connection.wasHeard);
      await sleep(backoffMs(failures, this.timings), this.#closed.signal).catch(() => undefined);
    }
  }

  #emit(event: SocketEvent): void {
    // `status` is told by the server, not by the worker; and what is told after a reconnect names no prompt.
    if (event.type !== 'connected' && (event.type === 'preview' || promptIdOf(event) !== undefined))
      this.heardAt = performance.now();
    for (const listener of this.#listeners) listener(event);
  }

  #freshId(): string {
    return this.clientIdPrefix + randomUUID();
  }
}
