/** Carries the messages of one socket to graphql-ws, and its answers back. What they ask for is `websocket.ts`'s. */
import { CloseCode, type Message, MessageType, parseMessage, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { WebSocket } from 'ws';
import { rateLimited } from '../../graphql/errors.js';
import { Allowance } from '../../limits/token-bucket.js';
import type { Timings } from '../../process/timings.js';
import { MESSAGES } from '../operation/document-limits.js';
import type { OperationLog } from '../operation/operation-log.js';
import type { Outbox } from './send-buffer.js';
import { Operations } from './socket-operations.js';

/** Of protocols on top of WebSocket, as HTTP has it. */
export const TOO_MANY = 4429;
const TRY_AGAIN_LATER = 1013;
/** A reason may have 123, of which the words around the id take 30. */
const MAX_ID_BYTES = 93;
/** graphql-ws would take these for a fault of ours. */
const ONLY_FROM_SERVERS: ReadonlySet<string> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

/** Serves the socket until it closes. */
export function carry<Extra extends { log: OperationLog; outbox: Outbox; operations?: Operations }>(
  socket: WebSocket,
  server: Server<Extra>,
  extra: Extra,
  { socketPingIntervalMs }: Timings,
  logger: Logger,
): void {
  const { log, outbox } = extra;
  let closeCode: number | undefined;
  const isOpen = () => socket.readyState === socket.OPEN;
  const refuse = (id: string, error: unknown) =>
    outbox.send(JSON.stringify({ id, type: MessageType.Error, payload: log.of(id).mask([error]) }));
  const stopPinging = keepAlive(socket, socketPingIntervalMs);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => outbox.send(data),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => {
        const operations = new Operations({
          deliver: (text) => handle(text).catch((error) => closeBroken(socket, error, logger)),
          // One that has waited for its id begins nothing on a socket that has closed meanwhile: nobody would end it.
          run: async (id, text) => {
            // A fault costs its own operation; the others are worth keeping.
            if (isOpen()) await handle(text).catch((error) => refuse(id, error));
          },
          onEnd: (id, isCompleted) => {
            if (isCompleted) log.end(id, { outcome: 'left' });
            else log.end(id, isOpen() ? { outcome: 'completed' } : { outcome: 'closed', closeCode });
          },
          refuse: (id) => socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${start(id)} already exists`),
          refuseMore: (id, limit, what) => {
            void refuse(id, rateLimited({ limit, retryAfter: 1 }, `${what} run on this socket: end one first`));
            log.end(id, { outcome: 'completed' });
          },
        });
        extra.operations = operations;
        const allowance = new Allowance(MESSAGES);
        // Whoever sends on and on does not read what it is told.
        const isTooMuch = () => {
          if (allowance.take()) return false;
          socket.close(TOO_MANY, 'Too many messages');
          return true;
        };
        socket.on('ping', isTooMuch);
        socket.on('message', (data) => {
          if (!isOpen() || isTooMuch()) return;
          const text = String(data);
          const message = read(text);
          if (message) operations.take(message, text);
          else socket.close(CloseCode.BadRequest, 'Invalid message received');
        });
      },
    },
    extra,
  );
  socket.once('close', (code, reason) => {
    closeCode = code;
    stopPinging();
    closed(code, String(reason)).catch((error) => logger.error({ err: error }, 'a socket could not be cleared away'));
  });
}

/** A fault of ours. Clients come back after this code, and do not after graphql-ws's own; the reason has the id to find it by in the log. */
export function closeBroken(socket: WebSocket, error: unknown, logger: Logger): void {
  const requestId = uuid();
  logger.error({ err: error, requestId }, 'a socket broke');
  socket.close(TRY_AGAIN_LATER, `Try again later (request ${requestId})`);
}

/** As much of an id as a reason has room for, in whole characters: `ws` throws at more. */
const start = (id: string): string => id.slice(0, new TextEncoder().encodeInto(id, new Uint8Array(MAX_ID_BYTES)).read);

/** Undefined for what is no message of the protocol, or none that a client may send. */
function read(text: string): Message | undefined {
  try {
    const message = parseMessage(text);
    return ONLY_FROM_SERVERS.has(message.type) ? undefined : message;
  } catch {
    return undefined;
  }
}

function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  let hasAnswered = true;
  socket.on('pong', () => {
    hasAnswered = true;
  });
  const timer = setInterval(() => {
    if (!hasAnswered) return socket.terminate();
    hasAnswered = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}
