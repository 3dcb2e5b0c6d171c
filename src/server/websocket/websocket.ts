/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and whatever else a client sends; the rules are those of HTTP. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { viewerOf } from '../../accounts/authenticate.js';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import { createContext, type Services } from '../../api/context.js';
import type { Connections } from '../../limits/concurrency-limit.js';
import type { Timings } from '../../process/timings.js';
import { isOriginAllowed, type Origins } from '../http/origins.js';
import { userAgentOf } from '../http/user-agent.js';
import { MAX_FRAMES, MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import type { Documents } from '../operation/documents.js';
import { execute, subscribe } from '../operation/execute.js';
import { OperationLog } from '../operation/operation-log.js';
import { closeTooMany, introduce, type OpenSocket } from './connection-init.js';
import { LEGACY_PROTOCOL, refuseLegacyClient } from './legacy-protocol.js';
import { Outbox } from './send-buffer.js';
import { carry } from './socket.js';
import { presentedCredential } from './socket-credential.js';

/** How long a client may take to say goodbye. */
const GOODBYE_MS = 2_000;
const GOING_AWAY = 1001;
const HTTP_FORBIDDEN = 403;

export type WebSocketOptions = {
  http: HttpServer;
  path: string;
  documents: Documents;
  services: Services;
  tokens: Tokens;
  corsOrigins: Origins;
  connections: Connections;
  timings: Timings;
  logger: Logger;
};

/** @returns the way to close every socket: each is told 1001, so that clients come back */
export function serveWebSocket(options: WebSocketOptions): () => Promise<void> {
  const { http, path, documents, services, tokens, corsOrigins, connections, timings, logger } = options;
  const timeoutMs = timings.connectionInitTimeoutMs;
  const { ofUsers, ofAddresses } = connections;
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: MAX_REQUEST_BYTES,
    maxFragments: MAX_FRAMES,
    perMessageDeflate: false,
    // A browser shows a close only of a socket whose protocol was chosen.
    handleProtocols: (offered) => handleProtocols(offered) || (offered.has(LEGACY_PROTOCOL) && LEGACY_PROTOCOL),
    verifyClient: ({ req }: { req: IncomingMessage }, answer: (isWelcome: boolean, status?: number) => void) =>
      answer(isOriginAllowed(req, corsOrigins), HTTP_FORBIDDEN),
  });
  sockets.shouldHandle = (request) => isAt(path, request);
  sockets.on('error', (error) => logger.error({ err: error }, 'the WebSocket server broke'));

  const server = makeServer<Record<string, unknown>, OpenSocket>({
    execute,
    subscribe,
    connectionInitWaitTimeout: timeoutMs,
    onConnect: ({ connectionParams, extra }) =>
      introduce(presentedCredential(connectionParams, extra.request), extra, {
        services,
        tokens,
        ofUsers,
        timeoutMs,
        logger,
      }),
    onClose: ({ extra }) => {
      extra.letGo?.();
      extra.leave?.();
    },
    onSubscribe: async ({ extra: { credential, request, address, log, outbox } }, id, payload) => {
      const room = () => outbox.room();
      await room();
      const logged = log.begin(id);
      const context = createContext(services, viewerOf(credential), logged.requestId, address, userAgentOf(request));
      const args = documents.prepare(payload, context, logged);
      return Array.isArray(args) ? args : { ...args, room };
    },
    onOperation: ({ extra: { operations } }, id, _payload, _args, result) => {
      if (Symbol.asyncIterator in result) operations?.isWatching(id);
    },
    onNext: ({ extra: { log } }, id, _payload, _args, { data, errors }) =>
      errors && { ...(data === undefined ? {} : { data }), errors: log.of(id).mask(errors, data) },
    onError: ({ extra: { log } }, id, _payload, errors) => log.of(id).mask(errors),
  });
  sockets.on('connection', (socket, request) => {
    // Also one that is refused can send a frame that is none, or too large. That closes it, and is nothing of ours.
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket sent what is no message'));
    const address = services.addressOf(request);
    const leave = ofAddresses.enter(address);
    if (!leave) return closeTooMany(socket);
    socket.once('close', leave);
    if (socket.protocol === LEGACY_PROTOCOL) return refuseLegacyClient(socket, timeoutMs);
    const [log, outbox] = [new OperationLog(logger), new Outbox(socket)];
    carry(socket, server, { socket, request, address, credential: 'none', log, outbox }, timings, logger);
  });
  return () => closeAll(sockets);
}

/** As over HTTP: in any case, with or without a slash at its end. */
const isAt = (path: string, { url = '' }: IncomingMessage): boolean =>
  url.split('?')[0]?.replace(/\/+$/, '').toLowerCase() === path;

/** Whoever does not answer the goodbye in time is cut off. */
async function closeAll(sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
  const impatience = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, GOODBYE_MS);
  await new Promise<void>((resolve) => sockets.close(() => resolve()));
  clearTimeout(impatience);
}
