/**
 * Keeps a socket to ComfyUI open and passes on its messages. Silence of the socket means nothing.
 *
 * Every connection has a new client id: when ComfyUI notices that an older connection under the same id is dead, it also forgets the
 * newer one, which then stays open and receives nothing. But ComfyUI sends the messages of a prompt only to the id that it was submitted
 * under. So a second socket is kept open under an older id while a run holds that id.
 */
import { randomUUID } from 'node:crypto';
import { promptIdOf } from '../../protocol/message.js';
import type { Address } from '../address.js';
import { backoffMs, sleep } from '../backoff.js';
import type { Logger } from '../logger.js';
import type { ComfyUITimings } from '../timings.js';
import { Connection, type SocketEvent } from './connection.js';

export class Sockets {
  readonly #listeners = new Set<(event: SocketEvent) => void>();
  readonly #held = new Map<string, number>();
  /** By client id: the main one and those under held ids. */
  readonly #connections = new Map<string, Connection>();
  readonly #keeping = new Map<string, Promise<void>>();
  readonly #closed = new AbortController();
  readonly #lossListeners = new Set<() => void>();
  #clientId: string;
  /** When a socket last reported on any prompt, as milliseconds of `performance.now()`. */
  lastPromptMessageAt = 0;
  #main: Promise<void> | undefined;

  constructor(
    private readonly address: Address,
    private readonly clientIdPrefix: string,
    private readonly timings: ComfyUITimings,
    private readonly logger: Logger,
  ) {
    this.#clientId = this.#newId();
  }

  /** The id of the open connection, else of the next one: messages of a prompt arrive once that one is open. */
  get clientId(): string {
    return this.#clientId;
  }

  get connected(): boolean {
    return this.#connections.get(this.#clientId)?.isOpen ?? false;
  }

  connect(): void {
    if (!this.#closed.signal.aborted) this.#main ??= this.#keepMain();
  }

  /** Calls `listener` for each event. It must not block. Returns a function that removes it. */
  listen(listener: (event: SocketEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls `listener` whenever a main connection that worked has ended: ComfyUI may have restarted. */
  onLoss(listener: () => void): void {
    this.#lossListeners.add(listener);
  }

  /**
   * Keeps a socket open under this id until the returned function is called, also when the id is no longer the current one. Ignores ids
   * that do not begin with our prefix: they belong to other clients.
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

  /** A prompt was queued at `sinceMs` of `performance.now()`: a connection that does not report it in time is replaced. */
  expectStatus(sinceMs: number): void {
    for (const connection of this.#connections.values()) connection.expectStatus(sinceMs);
  }

  /** Closes all connections and waits until they have ended. */
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
      (ended, hasWorked) => {
        if (hasWorked) for (const listener of this.#lossListeners) listener();
        this.#clientId = this.#newId();
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
      // The id may be held again since the last connection began to end.
      this.#keepHeld(clientId);
    });
    this.#keeping.set(clientId, keeping);
  }

  /** Opens one connection after the other while it is wanted. */
  async #keep(
    isWanted: () => boolean,
    id: () => string,
    onEnd?: (clientId: string, hasWorked: boolean) => void,
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
      failures = connection.hasWorked ? 1 : failures + 1;
      onEnd?.(clientId, connection.hasWorked);
      await sleep(backoffMs(failures, this.timings), this.#closed.signal).catch(() => undefined);
    }
  }

  #emit(event: SocketEvent): void {
    // `status` comes from ComfyUI's server, not from its worker. The messages after a reconnect name no prompt.
    if (event.type !== 'connected' && (event.type === 'preview' || promptIdOf(event) !== undefined))
      this.lastPromptMessageAt = performance.now();
    for (const listener of this.#listeners) listener(event);
  }

  #newId(): string {
    return this.clientIdPrefix + randomUUID();
  }
}
