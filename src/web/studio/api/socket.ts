/** The WebSocket of the page. It reconnects for ever, with a new token where the old one has expired. */
import { type Client, createClient } from 'graphql-ws';
import { memory, session } from './account';
import { SOCKET_URL } from './address';

const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** The server sends a pong for each ping: without one, the connection is dead. */
const PONG_TIMEOUT_MS = 5_000;
/** From a server that accepted the socket and then hangs. */
const ACK_TIMEOUT_MS = 10_000;
/** The token has expired; the token is invalid. */
const UNAUTHENTICATED_CLOSE_CODES = [4403, 4401];

export type Socket = Client & {
  /** Finds out at once whether the connection is dead, and reconnects if so. For a page that returns from the background. */
  check(): void;
};

/** @param onClosed called each time the connection is lost, and each time a new one fails */
export function createSocket(onClosed: () => void): Socket {
  let isStale = false;
  let token: string | undefined;
  let current: WebSocket | undefined;
  let timeout: ReturnType<typeof setTimeout> | undefined;
  let endWait = () => {};
  const awaitPong = () => {
    clearTimeout(timeout);
    timeout = setTimeout(() => client.terminate(), PONG_TIMEOUT_MS);
  };
  const client = createClient({
    url: SOCKET_URL.href,
    async connectionParams() {
      if (isStale) await session.renew(token);
      isStale = false;
      const signed = session.sign({});
      token = signed.token;
      return signed.headers;
    },
    keepAlive: KEEP_ALIVE_MS,
    connectionAckWaitTimeout: ACK_TIMEOUT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => memory.accessToken !== undefined,
    retryWait: (attempt) =>
      new Promise((resolve) => {
        endWait = resolve;
        setTimeout(resolve, retryDelay(attempt));
      }),
    on: {
      opened(socket) {
        current = socket as WebSocket;
      },
      ping(received) {
        if (!received) awaitPong();
      },
      pong(received) {
        if (received) clearTimeout(timeout);
      },
      closed(event) {
        clearTimeout(timeout);
        current = undefined;
        isStale ||= UNAUTHENTICATED_CLOSE_CODES.includes((event as CloseEvent).code);
        onClosed();
      },
    },
  });
  return {
    ...client,
    check() {
      endWait();
      if (current?.readyState !== WebSocket.OPEN) return;
      current.send(JSON.stringify({ type: 'ping' }));
      awaitPong();
    },
  };
}

/** @param attempt counts from 0 @returns milliseconds, with jitter, so that pages do not come back all at once */
const retryDelay = (attempt: number): number =>
  Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
