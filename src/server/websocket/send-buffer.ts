/** What is on its way to the other end of one socket. */
import type { WebSocket } from 'ws';
import { MAX_UNREAD_BYTES } from '../operation/document-limits.js';

export class Outbox {
  #sent: Promise<void> = Promise.resolve();
  #room: Promise<void> = Promise.resolve();

  constructor(private readonly socket: WebSocket) {}

  /** Resolves when it is on its way: whoever awaits that sends no faster than the client reads. A closed socket takes nothing any more. */
  send(data: string): Promise<void> {
    const { socket } = this;
    this.#sent = new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) resolve();
      // What cannot be sent is followed by the socket's close.
      else socket.send(data, () => resolve());
    });
    return this.#sent;
  }

  /** Resolves when the client has taken most of what was sent, for one after the other: each may send once. */
  room(): Promise<void> {
    this.#room = this.#room.then(async () => {
      // What the one before has made of its turn is sent by then.
      await new Promise(setImmediate);
      while (this.socket.bufferedAmount > MAX_UNREAD_BYTES && this.socket.readyState === this.socket.OPEN)
        await this.#sent;
    });
    return this.#room;
  }
}
