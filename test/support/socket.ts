/** A socket of graphql-transport-ws, message by message, for tests that break the rules of the protocol. */
import { once } from 'node:events';
import WebSocket from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: a message has whatever shape its type asks for
export type Message = any;
export type Closing = { code: number; reason: string };
export type SocketOptions = {
  protocol?: string | string[];
  origin?: string;
  headers?: Record<string, string>;
  /** The end of the URL, after the path. */
  search?: string;
};

export class RawSocket {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly #messages: Message[] = [];
  readonly #waiting: ((message: Message) => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      const wake = this.#waiting.shift();
      if (wake) wake(message);
      else this.#messages.push(message);
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    // A reset connection also ends in `close`.
    socket.on('error', () => {});
  }

  /** Sends a string as it is, and an object as JSON. */
  send(...messages: (string | object)[]): void {
    for (const message of messages) this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves with the next message. Rejects if the socket closes first. */
  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    const coming = new Promise<Message>((resolve) => {
      this.#waiting.push(resolve);
    });
    const closing = this.closed.then(({ code, reason }) => {
      throw new Error(`The socket closed with ${code} ${reason} before a message came`);
    });
    return Promise.race([coming, closing]);
  }

  /** Received messages that `next` has not returned. */
  get unread(): readonly Message[] {
    return this.#messages;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

export const subscribe = (id: string, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});
export const complete = (id: string) => ({ type: 'complete', id });
export const next = (id: string, data: object) => ({ id, type: 'next', payload: { data } });

/** Expects no more messages: earlier ones arrive before the pong. */
export async function expectSilence(socket: RawSocket): Promise<void> {
  socket.send({ type: 'ping', payload: { silence: true } });
  expect(await socket.next()).toEqual({ type: 'pong', payload: { silence: true } });
}

/** Opens a socket without connection_init. Rejects if the server rejects the upgrade, with its status in the message. */
export async function openSocket(
  url: string,
  { protocol, origin, headers = {}, search = '' }: SocketOptions = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql${search}`, protocol ?? 'graphql-transport-ws', {
    headers,
    ...(origin === undefined ? {} : { origin }),
  });
  const raw = new RawSocket(socket);
  await once(socket, 'open');
  return raw;
}

/** Opens a socket and waits for connection_ack. */
export async function connect(url: string, token?: string, options: SocketOptions = {}): Promise<RawSocket> {
  const raw = await openSocket(url, options);
  raw.send({
    type: 'connection_init',
    ...(token === undefined ? {} : { payload: { authorization: `Bearer ${token}` } }),
  });
  await raw.next();
  return raw;
}
