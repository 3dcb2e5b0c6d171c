/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and any other operation. The rules are those of HTTP. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { createContext, type Services } from '../../api/context.js';
import type { ConnectionLimits } from '../../limits/concurrency-limit.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { Timings } from '../../process/timings.js';
import { userAgentOf } from '../http/caller.js';
import { isOriginAllowed, type Origins } from '../http/origins.js';
import { MAX_FRAMES, MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { execute } from '../operation/execute.js';
import { OperationLog } from '../operation/operation-log.js';
import type { Pipeline } from '../operation/pipeline.js';
import { subscribe } from '../operation/subscribe.js';
import { closeTooMany, type OpenSocket, onConnectionInit } from './connection-init.js';
import { LEGACY_PROTOCOL, rejectLegacyClient } from './legacy-protocol.js';
import { outletOf } from './outlet.js';
import { SendBuffer } from './send-buffer.js';
import { serveSocket } from './socket.js';
import { presentedCredential } from './socket-credential.js';

/** How long the close handshake of a client may take at shutdown. */
const CLOSE_TIMEOUT_MS = 2_000;
const GOING_AWAY = 1001;
const HTTP_FORBIDDEN = 403;

type WebSocketOptions = {
  http: HttpServer;
  path: string;
  pipeline: Pipeline;
  services: Services;
  tokens: Tokens;
  corsOrigins: Origins;
  connections: ConnectionLimits;
  metrics: Metrics;
  timings: Timings;
  logger: Logger;
};

/** @returns a function that closes every socket with 1001, after which clients reconnect */
export function serveWebSocket(options: WebSocketOptions): () => Promise<void> {
  const { http, path, pipeline, services, tokens, corsOrigins, connections, metrics, timings, logger } = options;
  const timeoutMs = timings.connectionInitTimeoutMs;
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: MAX_REQUEST_BYTES,
    maxFragments: MAX_FRAMES,
    perMessageDeflate: false,
    // A browser shows the close reason only if the server has chosen a protocol.
    handleProtocols: (offered) => handleProtocols(offered) || (offered.has(LEGACY_PROTOCOL) && LEGACY_PROTOCOL),
    verifyClient: ({ req }: { req: IncomingMessage }, accept: (isAllowed: boolean, status?: number) => void) =>
      accept(isOriginAllowed(req, corsOrigins), HTTP_FORBIDDEN),
  });
  sockets.shouldHandle = (request) => isAt(path, request);
  sockets.on('error', (error) => logger.error({ err: error }, 'WebSocket server error'));

  const server = makeServer<Record<string, unknown>, OpenSocket>({
    execute,
    subscribe,
    connectionInitWaitTimeout: timeoutMs,
    onConnect: (connection) => {
      const { connectionParams, extra } = connection;
      const presented = presentedCredential(connectionParams, extra.request);
      // An idle socket holds neither its request nor the token.
      delete extra.request;
      Object.assign(connection, { connectionParams: undefined });
      return onConnectionInit(presented, extra, {
        services,
        tokens,
        socketsPerUser: connections.perUser,
        timeoutMs,
        logger,
      });
    },
    onClose: ({ extra }) => {
      extra.releaseCredential?.();
      extra.releaseUser?.();
    },
    onSubscribe: async ({ extra: { credential, userAgent, address, log, sendBuffer } }, id, payload) => {
      await sendBuffer.room();
      const logged = log.start(id);
      const context = createContext(services, viewerOf(credential), logged.requestId, address, userAgent);
      const outlet = outletOf(id, sendBuffer);
      // onConnectionInit has rejected bad credentials.
      const prepared = pipeline.prepare(payload, { context, outlet, logged, isCredentialBad: false });
      return 'errors' in prepared ? prepared.errors : prepared;
    },
    onOperation: ({ extra: { operations } }, id, _payload, _args, result) => {
      if (Symbol.asyncIterator in result) operations?.markSubscription(id);
    },
    onNext: ({ extra: { log } }, id, _payload, _args, result) => result.errors && log.get(id).maskResult(result),
    onError: ({ extra: { log } }, id, _payload, errors) => log.get(id).mask(errors),
  });
  sockets.on('connection', (socket, request) => {
    // An invalid or too large frame closes its socket; it is no error of the server. Rejected sockets can send one, too.
    socket.on('error', (error) => logger.debug({ err: error }, 'invalid frame on socket'));
    const address = services.addressOf(request);
    const release = connections.perAddress.acquire(address);
    if (!release) return closeTooMany(socket);
    socket.once('close', release);
    if (socket.protocol === LEGACY_PROTOCOL) return rejectLegacyClient(socket, timeoutMs);
    const [log, sendBuffer] = [new OperationLog(logger, metrics), new SendBuffer(socket)];
    const userAgent = userAgentOf(request);
    serveSocket(
      socket,
      server,
      { socket, request, address, userAgent, credential: 'none', log, sendBuffer },
      timings,
      logger,
    );
  });
  return () => closeAll(sockets);
}

/** As Express matches paths: in any case, with or without a trailing slash. */
const isAt = (path: string, { url = '' }: IncomingMessage): boolean =>
  url.split('?')[0]?.replace(/\/+$/, '').toLowerCase() === path;

/** Terminates the sockets that do not complete the close handshake in time. */
async function closeAll(sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
  const timeout = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, CLOSE_TIMEOUT_MS);
  await new Promise<void>((resolve) => sockets.close(() => resolve()));
  clearTimeout(timeout);
}
