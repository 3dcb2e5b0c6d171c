/** The bytes that one socket has sent and its client has not read. */
import type { WebSocket } from 'ws';
import { MAX_UNREAD_BYTES } from '../operation/document-limits.js';

export class SendBuffer {
  /** Data that are not yet handed to the network. */
  #unsent = 0;
  /** Set while somebody waits for them. */
  #sent: PromiseWithResolvers<void> | undefined;
  #room: Promise<void> = Promise.resolve();
  /** Senders that wait for room. */
  #waiting = 0;

  constructor(private readonly socket: WebSocket) {}

  /**
   * A sender that waits for the promise is no faster than the client. Drops data for a closed socket.
   * @returns undefined when the data are handed to the network already, as they mostly are: a promise for each of many sockets is costly
   */
  send(data: string): Promise<void> | undefined {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return undefined;
    this.#unsent += 1;
    // After a failed send the socket closes.
    socket.send(data, this.#onSent);
    return socket.bufferedAmount === 0 ? undefined : this.#allSent();
  }

  /** Resolves when at most MAX_UNREAD_BYTES are unread, for one waiting sender after the other: each may send once. */
  room(): Promise<void> {
    this.#waiting += 1;
    this.#room = this.#room.then(async () => {
      // The sender before has sent its message by then.
      await new Promise(setImmediate);
      while (this.#isFull) await this.#allSent();
      this.#waiting -= 1;
    });
    return this.#room;
  }

  /** Makes the data when there is room for them, and sends them. Sends nothing for undefined. @returns as `send` */
  sendInTurn(make: () => string | undefined): Promise<void> | undefined {
    if (this.#waiting > 0 || this.#isFull) return this.room().then(() => this.#make(make));
    return this.#make(make);
  }

  #make(make: () => string | undefined): Promise<void> | undefined {
    const data = make();
    return data === undefined ? undefined : this.send(data);
  }

  get #isFull(): boolean {
    const { socket } = this;
    return this.#unsent > 0 && socket.bufferedAmount > MAX_UNREAD_BYTES && socket.readyState === socket.OPEN;
  }

  readonly #onSent = (): void => {
    this.#unsent -= 1;
    if (this.#unsent > 0) return;
    this.#sent?.resolve();
    this.#sent = undefined;
  };

  /** To be called while data are unsent. */
  #allSent(): Promise<void> {
    this.#sent ??= Promise.withResolvers();
    return this.#sent.promise;
  }
}
