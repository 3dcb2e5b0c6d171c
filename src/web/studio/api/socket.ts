/** The WebSocket of the page. It reconnects for ever, with a new token where the old one has expired. */
import { type Client, createClient } from 'graphql-ws';
import { memory, session } from './account';
import { SOCKET_URL } from './address';

const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** The server sends a pong for each ping: without one, the connection is dead. */
const PONG_TIMEOUT_MS = 5_000;
/** The token has expired; the token is invalid. */
const UNAUTHENTICATED_CLOSE_CODES = [4403, 4401];

export type SocketState = 'connecting' | 'open' | 'closed';

export type Socket = Client & {
  /** Finds out at once whether the connection is dead, and reconnects if so. For a page that returns from the background. */
  check(): void;
};

/** @param onState called with each new state */
export function createSocket(onState: (state: SocketState) => void): Socket {
  let isStale = false;
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
      if (isStale) await session.renew(memory.accessToken);
      isStale = false;
      return session.sign({}).headers;
    },
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => memory.accessToken !== undefined,
    retryWait: (attempt) =>
      new Promise((resolve) => {
        endWait = resolve;
        setTimeout(resolve, retryDelay(attempt));
      }),
    on: {
      connecting: () => onState('connecting'),
      opened(socket) {
        current = socket as WebSocket;
      },
      connected: () => onState('open'),
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
        onState('closed');
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
