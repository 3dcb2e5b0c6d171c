/** Passes the messages of one socket to graphql-ws, and its responses back. `websocket.ts` executes the operations. */
import { CloseCode, type Message, MessageType, parseMessage, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { WebSocket } from 'ws';
import { rateLimited } from '../../graphql/errors.js';
import { TokenBucket } from '../../limits/token-bucket.js';
import type { Timings } from '../../process/timings.js';
import { MESSAGES } from '../operation/document-limits.js';
import type { OperationLog } from '../operation/operation-log.js';
import type { SendBuffer } from './send-buffer.js';
import { SocketOperations } from './socket-operations.js';

/** Close codes of applications follow the statuses of HTTP. */
export const TOO_MANY = 4429;
const TRY_AGAIN_LATER = 1013;
/** A close reason has at most 123 bytes, and the words around the id take 30. */
const MAX_ID_BYTES = 93;
/** graphql-ws would report these messages as an internal error. */
const ONLY_FROM_SERVERS: ReadonlySet<string> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

/** Serves the socket until it closes. */
export function serveSocket<Extra extends { log: OperationLog; sendBuffer: SendBuffer; operations?: SocketOperations }>(
  socket: WebSocket,
  server: Server<Extra>,
  extra: Extra,
  { socketPingIntervalMs }: Timings,
  logger: Logger,
): void {
  const { log, sendBuffer } = extra;
  let closeCode: number | undefined;
  const isOpen = () => socket.readyState === socket.OPEN;
  const sendError = (id: string, error: unknown) =>
    sendBuffer.send(JSON.stringify({ id, type: MessageType.Error, payload: log.get(id).mask([error]) }));
  const stopPinging = keepAlive(socket, socketPingIntervalMs);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => sendBuffer.send(data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => {
        const operations = new SocketOperations({
          deliver: (text) => handle(text).catch((error) => closeAfterError(socket, error, logger)),
          // An operation that waited for its id must not start after the socket has closed: no event would end it.
          run: async (id, text) => {
            // An error ends its own operation; the others continue.
            if (isOpen()) await handle(text).catch((error) => sendError(id, error));
          },
          onEnd: (id, isCompletedByClient) => {
            if (isCompletedByClient) log.end(id, { outcome: 'left' });
            else log.end(id, isOpen() ? { outcome: 'completed' } : { outcome: 'closed', closeCode });
          },
          onDuplicate: (id) =>
            socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${start(id)} already exists`),
          onLimit: (id, limit, what) => {
            void sendError(id, rateLimited({ limit, retryAfter: 1 }, `${what} run on this socket: end one first`));
            log.end(id, { outcome: 'completed' });
          },
        });
        extra.operations = operations;
        const messages = new TokenBucket(MESSAGES);
        // Closes the socket: a client that floods it does not read error messages.
        const isFlooded = () => {
          if (messages.take()) return false;
          socket.close(TOO_MANY, 'Too many messages');
          return true;
        };
        socket.on('ping', isFlooded);
        socket.on('message', (data) => {
          if (!isOpen() || isFlooded()) return;
          const text = String(data);
          const message = parse(text);
          if (message) operations.handle(message, text);
          else socket.close(CloseCode.BadRequest, 'Invalid message received');
        });
      },
    },
    extra,
  );
  socket.once('close', (code, reason) => {
    closeCode = code;
    stopPinging();
    closed(code, String(reason)).catch((error) => logger.error({ err: error }, 'cleanup after a closed socket failed'));
  });
}

/** For internal errors. Clients reconnect after this code, and not after graphql-ws's own; the reason has the id of the log line. */
export function closeAfterError(socket: WebSocket, error: unknown, logger: Logger): void {
  const requestId = uuid();
  logger.error({ err: error, requestId }, 'unhandled error on socket');
  socket.close(TRY_AGAIN_LATER, `Try again later (request ${requestId})`);
}

/** The part of an id that fits into a close reason, in whole characters: `ws` throws at a longer reason. */
const start = (id: string): string => id.slice(0, new TextEncoder().encodeInto(id, new Uint8Array(MAX_ID_BYTES)).read);

/** @returns undefined for a message that is invalid, or that only servers send */
function parse(text: string): Message | undefined {
  try {
    const message = parseMessage(text);
    return ONLY_FROM_SERVERS.has(message.type) ? undefined : message;
  } catch {
    return undefined;
  }
}

function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  let hasPonged = true;
  socket.on('pong', () => {
    hasPonged = true;
  });
  const timer = setInterval(() => {
    if (!hasPonged) return socket.terminate();
    hasPonged = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}
