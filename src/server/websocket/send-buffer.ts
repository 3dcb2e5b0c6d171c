/** The bytes that one socket has sent and its client has not read. */
import type { WebSocket } from 'ws';
import { MAX_UNREAD_BYTES } from '../operation/document-limits.js';

export class SendBuffer {
  #sent: Promise<void> = Promise.resolve();
  #room: Promise<void> = Promise.resolve();

  constructor(private readonly socket: WebSocket) {}

  /** Resolves when the data are handed to the network: a sender that awaits it is no faster than the client. Drops data for a closed socket. */
  send(data: string): Promise<void> {
    const { socket } = this;
    this.#sent = new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) resolve();
      // After a failed send the socket closes.
      else socket.send(data, () => resolve());
    });
    return this.#sent;
  }

  /** Resolves when at most MAX_UNREAD_BYTES are unread, for one waiting sender after the other: each may send once. */
  room(): Promise<void> {
    this.#room = this.#room.then(async () => {
      // The sender before has sent its message by then.
      await new Promise(setImmediate);
      while (this.socket.bufferedAmount > MAX_UNREAD_BYTES && this.socket.readyState === this.socket.OPEN)
        await this.#sent;
    });
    return this.#room;
  }
}
