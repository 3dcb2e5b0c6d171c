/** The HTTP door: GraphQL, its streams, files, GraphiQL, health. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import cors from 'cors';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Services } from '../../api/context.js';
import type { ConnectionLimit } from '../../db/connection-limit.js';
import type { AddressOf } from '../../limits/client-address.js';
import type { Tally } from '../../limits/concurrency-limit.js';
import type { Timings } from '../../process/timings.js';
import { type Caller, callerOf } from '../operation/caller.js';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { LoggedOperation } from '../operation/operation-log.js';
import type { Streams } from '../sse/sse.js';
import type { HttpContext } from './apollo.js';
import { files } from './files.js';
import { graphiql } from './graphiql.js';
import { health } from './health.js';
import type { Origins } from './origins.js';
import { answerTooMany, refusal } from './plain-response.js';
import { serveUnder } from './public-base.js';
import { logRequests, requestIdOf } from './request-log.js';
import { describeAnswer } from './security-headers.js';
import { streamSubscriptions, streamWherePreferred } from './stream-choice.js';

export const GRAPHQL_PATH = '/graphql';
const STREAM_PATH = '/graphql/stream';
const GRAPHIQL_PATH = '/graphiql';
const PREFLIGHT_SECONDS = 86_400;
/** What a page of another origin may read of an answer, beside what it always may. */
const EXPOSED_HEADERS = ['X-Request-Id', 'Retry-After', 'WWW-Authenticate'];
const PLAIN_JSON = 'application/json';
/** Of two that a client takes as gladly it gets the first, as Apollo chooses too. */
const RESPONSE_TYPES = [PLAIN_JSON, 'application/graphql-response+json'];

export type HttpOptions = {
  apollo: ApolloServer<HttpContext>;
  streams: Streams;
  services: Services;
  tokens: Tokens;
  corsOrigins: Origins;
  /** Requests under way, by address. */
  requests: Tally;
  /** How long a connection without a request stays open. */
  keepAliveSeconds?: number;
  /** Where a proxy publishes this server: empty for the root. */
  basePath?: string;
  timings: Timings;
  logger: Logger;
  isReady: () => boolean;
  connectionLimit: Pick<ConnectionLimit, 'fault'>;
};

export function createHttpServer({
  apollo,
  streams,
  services,
  tokens,
  corsOrigins,
  requests,
  keepAliveSeconds = 5,
  basePath = '',
  timings,
  logger,
  isReady,
  connectionLimit,
}: HttpOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  // What may be kept has an ETag of its own.
  app.disable('etag');
  app.use(describeAnswer);
  app.use(logRequests(logger));
  // A browser takes no `*` for a request in credentials mode. There are no cookies that it could send.
  const credentials = corsOrigins !== '*';
  app.use(cors({ origin: corsOrigins, credentials, exposedHeaders: EXPOSED_HEADERS, maxAge: PREFLIGHT_SECONDS }));
  app.use(health(services.orm, isReady, connectionLimit));
  app.use(files(services));
  app.use(GRAPHIQL_PATH, graphiql(basePath));
  app.get('/', (_, response) => response.redirect(basePath + GRAPHIQL_PATH));
  app.use(STREAM_PATH, streams.router);
  app.use(
    GRAPHQL_PATH,
    leadBrowsersToGraphiql(basePath + GRAPHIQL_PATH),
    streamWherePreferred(RESPONSE_TYPES, streams.router),
    limitAtOnce(requests, services.addressOf),
    express.json({ limit: MAX_REQUEST_BYTES }),
    streamSubscriptions(streams.router),
    // Not Apollo's to do: what breaks there is told to the client.
    async (request, response, next) => {
      const caller = await callerOf(request, services, tokens);
      const { requestId, viewer } = caller.context;
      response.locals.caller = caller;
      response.locals.operation = new LoggedOperation(logger, requestId, viewer?.id);
      next();
    },
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const { context, isCredentialBad } = res.locals.caller as Caller;
        const logged: LoggedOperation = res.locals.operation;
        return { ...context, isCredentialBad, isPlainJson: req.accepts(RESPONSE_TYPES) === PLAIN_JSON, logged };
      },
    }),
  );
  app.use((_, response) => void response.status(404).json(refusal('NOT_FOUND', 'There is nothing here')));
  app.use(handleErrors(logger));
  const keepAliveTimeout = keepAliveSeconds * 1000;
  const server = createServer({ keepAliveTimeout, shouldUpgradeCallback: isForSockets }, app);
  return serveUnder(basePath, server.setTimeout(timings.stalledRequestTimeoutMs));
}

/** Some clients offer to speak HTTP/2 with each request, and go on in HTTP/1.1 where nobody takes that up. */
const isForSockets = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** Whoever sends one request after the other and reads no answer would have all of them kept. */
const limitAtOnce =
  (requests: Tally, addressOf: AddressOf): RequestHandler =>
  (request, response, next) => {
    const leave = requests.enter(addressOf(request));
    if (!leave) return answerTooMany(response, 'requests at once');
    response.once('close', leave);
    next();
  };

/** A person who opens the endpoint wants to look around. */
const leadBrowsersToGraphiql =
  (graphiqlUrl: string): RequestHandler =>
  (request, response, next) => {
    if (request.method !== 'GET' || request.query.query !== undefined || request.accepts(['json', 'html']) !== 'html')
      return next();
    response.redirect(graphiqlUrl);
  };

/** A body that is no JSON or too large is the caller's mistake; anything else is ours, and masked. */
const handleErrors =
  (logger: Logger): ErrorRequestHandler =>
  (error: { status?: number; type?: string }, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status = 500 } = error;
    if (status >= 400 && status < 500)
      return void response
        .status(status)
        .json(refusal('BAD_REQUEST', reason[error.type ?? ''] ?? 'The request is malformed'));
    const requestId = requestIdOf(request);
    logger.error({ err: error, requestId }, 'a request broke');
    response.status(500).json(refusal('INTERNAL_SERVER_ERROR', 'Internal server error', { requestId }));
  };

const reason: Record<string, string> = {
  'entity.parse.failed': 'The body is not JSON',
  'entity.too.large': `The body is larger than ${MAX_REQUEST_BYTES} bytes`,
};
