/** GraphQL over WebSocket (graphql-transport-ws): subscriptions, and whatever else a client sends; the rules are those of HTTP. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import {
  type ExecutionArgs,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { CloseCode, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { WebSocketServer } from 'ws';
import type { Tokens } from '../accounts/tokens.js';
import { type Context, createContext, type Services } from '../graphql/context.js';
import { type Credential, isRejected, judgeCredential, viewerOf } from './credential.js';
import { MAX_REQUEST_BYTES, MAX_VALIDATION_ERRORS, parseOptions } from './limits.js';
import { maskError } from './mask.js';
import { isOriginAllowed } from './origin.js';
import { subscribe } from './subscribe.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

export type WebSocketOptions = {
  http: HttpServer;
  path: string;
  schema: GraphQLSchema;
  services: Services;
  tokens: Tokens;
  corsOrigins: '*' | string[];
  logger: Logger;
};

/** What is known of a socket while it is open. */
type SocketState = { credential?: Credential; expiry?: NodeJS.Timeout | undefined };
type SocketExtra = Extra & SocketState;

/** @returns the way to close every socket: each is told 1001, so that clients come back */
export function serveWebSocket(options: WebSocketOptions): () => Promise<void> {
  const { http, path, schema, services, tokens, corsOrigins, logger } = options;
  const sockets = new WebSocketServer({
    server: http,
    path,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => isOriginAllowed(req, corsOrigins),
  });
  sockets.on('error', (error) => logger.error({ err: error }, 'the WebSocket server broke'));

  const disposable = useServer<Record<string, unknown>, SocketState & Record<PropertyKey, unknown>>(
    {
      schema,
      execute,
      subscribe,
      onConnect: ({ connectionParams, extra }) => {
        const credential = judgeCredential(authorizationOf(connectionParams), tokens);
        extra.credential = credential;
        if (isRejected(credential)) {
          // A client retries 4403 with a fresh token; a token that was never good is not worth trying again.
          const code = credential.rejected === 'expired' ? CloseCode.Forbidden : CloseCode.Unauthorized;
          extra.socket.close(code, credential.rejected === 'expired' ? 'The token has expired' : 'The token is wrong');
          return false;
        }
        if (credential !== 'none') extra.expiry = closeAt(credential.expiresAt, extra);
        return true;
      },
      onClose: ({ extra }) => clearTimeout(extra.expiry),
      onSubscribe: ({ extra }, _id, payload) => prepare(payload, schema, () => contextOf(extra, services)),
      onNext: (_, _id, _payload, { contextValue }, result) => {
        if (!result.errors) return;
        const { requestId } = contextValue as Context;
        const data = result.data === undefined ? {} : { data: result.data };
        return { ...data, errors: result.errors.map((error) => maskError(error, requestId, logger)) };
      },
      onError: (_, _id, _payload, errors) => errors.map((error) => maskError(error, uuid(), logger)),
    },
    sockets,
  );
  return async () => {
    await disposable.dispose();
  };
}

const contextOf = ({ credential = 'none' }: SocketExtra, services: Services): Context =>
  createContext(services, viewerOf(credential), uuid());

/** Parsed and validated here, so that a mistake in one operation is an error of that operation, and not the end of the socket. */
function prepare(
  { query, operationName, variables }: SubscribePayload,
  schema: GraphQLSchema,
  createContextValue: () => Context,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    const document = parse(query, parseOptions);
    const faults = validate(schema, document, specifiedRules, { maxErrors: MAX_VALIDATION_ERRORS });
    if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
    if (!getOperationAST(document, operationName))
      return [
        new GraphQLError(
          operationName
            ? `Unknown operation named "${operationName}".`
            : 'Must provide operation name if query contains multiple operations.',
          {
            extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
          },
        ),
      ];
    return { schema, document, operationName, variableValues: variables, contextValue: createContextValue() };
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
}

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    ...(error.originalError && { originalError: error.originalError }),
    extensions: { ...error.extensions, code },
  });

const authorizationOf = (params: Record<string, unknown> | undefined): unknown =>
  Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

/** An expired token ends its socket; the client comes back with a fresh one. */
const closeAt = (expiresAt: Date, { socket }: SocketExtra): NodeJS.Timeout => {
  const timer = setTimeout(
    () => socket.close(CloseCode.Forbidden, 'The token has expired'),
    Math.min(expiresAt.getTime() - Date.now(), MAX_TIMER_MS),
  );
  return timer.unref();
};
