/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and whatever else a client sends; the rules are those of HTTP. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { execute, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { type WebSocket, WebSocketServer } from 'ws';
import { authenticate, type Credential, isRejected, viewerOf } from '../accounts/authenticate.js';
import type { Tokens } from '../accounts/tokens.js';
import { type Context, createContext, type Services } from '../graphql/context.js';
import { type EndOfCredential, onceCredentialEnds } from './credential-end.js';
import { prepare } from './document.js';
import { MAX_FRAMES, MAX_REQUEST_BYTES } from './limits.js';
import { maskError, told } from './mask.js';
import { isOriginAllowed } from './origin.js';
import { carry, TOO_MANY } from './socket.js';
import { subscribe } from './subscribe.js';
import type { Connections } from './tally.js';

/** How long a client may take to introduce itself, and the database to know it. */
const INTRODUCTION_MS = 3_000;
/** How long a client may take to say goodbye. */
const GOODBYE_MS = 2_000;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const HTTP_FORBIDDEN = 403;

export type WebSocketOptions = {
  http: HttpServer;
  path: string;
  schema: GraphQLSchema;
  services: Services;
  tokens: Tokens;
  corsOrigins: '*' | string[];
  /** Whether the schema is shown to nobody, too. */
  isOpen: boolean;
  connections: Connections;
  logger: Logger;
};

/** What is known of a socket while it is open. */
type SocketState = {
  socket: WebSocket;
  address: string;
  credential: Credential;
  /** Forgets that it is to be closed when its credential is good no longer. */
  letGo?: () => void;
  /** Makes room for another socket of this user. */
  leave?: () => void;
};

/** @returns the way to close every socket: each is told 1001, so that clients come back */
export function serveWebSocket(options: WebSocketOptions): () => Promise<void> {
  const { http, path, schema, services, tokens, corsOrigins, isOpen, connections, logger } = options;
  const { ofUsers, ofAddresses } = connections;
  const sockets = new WebSocketServer({
    server: http,
    path,
    maxPayload: MAX_REQUEST_BYTES,
    maxFragments: MAX_FRAMES,
    perMessageDeflate: false,
    handleProtocols,
    verifyClient: ({ req }: { req: IncomingMessage }, answer: (isWelcome: boolean, status?: number) => void) =>
      answer(isOriginAllowed(req, corsOrigins), HTTP_FORBIDDEN),
  });
  sockets.on('error', (error) => logger.error({ err: error }, 'the WebSocket server broke'));

  const server = makeServer<Record<string, unknown>, SocketState>({
    schema,
    execute,
    subscribe,
    connectionInitWaitTimeout: INTRODUCTION_MS,
    onConnect: async ({ connectionParams, extra }) => {
      const { socket } = extra;
      // The protocol's time limit ends with the introduction; a client that is closed by this one comes back.
      const impatience = setTimeout(
        () => socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
        INTRODUCTION_MS,
      );
      const credential = await authenticate(authorizationOf(connectionParams), tokens, services.orm.em.fork())
        .catch((error) => logger.error({ err: error }, 'whose a socket is cannot be found out'))
        .finally(() => clearTimeout(impatience));
      if (!credential) {
        // Clients come back after this one, and do not after the code for a fault of ours.
        socket.close(TRY_AGAIN_LATER, 'Try again later');
        return false;
      }
      if (isRejected(credential)) {
        // A client retries 4403 with a fresh token; a token that was never good is not worth trying again.
        if (credential.rejected === 'invalid') socket.close(CloseCode.Unauthorized, 'The token is wrong');
        else closeForbidden(socket, credential.rejected);
        return false;
      }
      // It may have closed while the database was asked.
      if (credential === 'none' || socket.readyState !== socket.OPEN) return true;
      const leave = ofUsers.enter(credential.viewer.id);
      if (!leave) {
        closeTooMany(socket);
        return false;
      }
      extra.leave = leave;
      extra.credential = credential;
      // An expired token ends its socket; the client comes back with a fresh one.
      extra.letGo = onceCredentialEnds(credential, services.revocations, (why) => closeForbidden(socket, why));
      return true;
    },
    onClose: ({ extra }) => {
      extra.letGo?.();
      extra.leave?.();
    },
    onSubscribe: ({ extra }, _id, payload) => {
      const viewer = viewerOf(extra.credential);
      return prepare(payload, schema, { mayIntrospect: isOpen || viewer !== undefined }, () =>
        createContext(services, viewer, uuid(), extra.address),
      );
    },
    onNext: (_, _id, _payload, { contextValue }, { data, errors }) => {
      if (!errors) return;
      const { requestId } = contextValue as Context;
      return {
        ...(data === undefined ? {} : { data }),
        errors: told(errors, data).map((error) => maskError(error, requestId, logger)),
      };
    },
    onError: (_, _id, _payload, errors) => errors.map((error) => maskError(error, uuid(), logger)),
  });
  sockets.on('connection', (socket, request) => {
    // Also one that is refused can send a frame that is none, or too large. That closes it, and is nothing of ours.
    socket.on('error', (error) => logger.debug({ err: error }, 'a socket sent what is no message'));
    const address = services.addressOf(request);
    const leave = ofAddresses.enter(address);
    if (!leave) return closeTooMany(socket);
    socket.once('close', leave);
    carry(socket, server, { socket, address, credential: 'none' }, logger);
  });
  return () => closeAll(sockets);
}

const authorizationOf = (params: Record<string, unknown> | undefined): unknown =>
  Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

const closeTooMany = (socket: WebSocket): void => socket.close(TOO_MANY, 'Too many connections');

const closeForbidden = (socket: WebSocket, why: EndOfCredential): void =>
  socket.close(CloseCode.Forbidden, why === 'expired' ? 'The token has expired' : 'The credential was taken back');

/** Whoever does not answer the goodbye in time is cut off. */
async function closeAll(sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
  const impatience = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, GOODBYE_MS);
  await new Promise<void>((resolve) => sockets.close(() => resolve()));
  clearTimeout(impatience);
}
