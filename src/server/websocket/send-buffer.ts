/** The bytes that one socket has sent and its client has not read. */
import type { WebSocket } from 'ws';
import { MAX_UNREAD_BYTES } from '../operation/document-limits.js';

export class SendBuffer {
  #sent: Promise<void> = Promise.resolve();
  #room: Promise<void> = Promise.resolve();
  /** Senders that wait for room. */
  #waiting = 0;

  constructor(private readonly socket: WebSocket) {}

  /** Resolves when the data are handed to the network: a sender that awaits it is no faster than the client. Drops data for a closed socket. */
  send(data: string): Promise<void> {
    const { socket } = this;
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    // After a failed send the socket closes.
    socket.send(data, () => resolve());
    this.#sent = promise;
    return promise;
  }

  /** Resolves when at most MAX_UNREAD_BYTES are unread, for one waiting sender after the other: each may send once. */
  room(): Promise<void> {
    this.#waiting += 1;
    this.#room = this.#room.then(async () => {
      // The sender before has sent its message by then.
      await new Promise(setImmediate);
      while (this.#isFull) await this.#sent;
      this.#waiting -= 1;
    });
    return this.#room;
  }

  /** Makes the data when there is room for them, and sends them. Sends nothing for undefined. */
  sendInTurn(make: () => string | undefined): Promise<void> {
    const send = () => {
      const data = make();
      return data === undefined ? this.#sent : this.send(data);
    };
    return this.#waiting > 0 || this.#isFull ? this.room().then(send) : send();
  }

  get #isFull(): boolean {
    return this.socket.bufferedAmount > MAX_UNREAD_BYTES && this.socket.readyState === this.socket.OPEN;
  }
}
