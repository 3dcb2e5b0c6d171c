/** The HTTP server: GraphQL, its event streams, files, GraphiQL, health. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import cors from 'cors';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Services } from '../../api/context.js';
import type { AdaptivePool } from '../../db/adaptive-pool.js';
import type { ConcurrencyLimit } from '../../limits/concurrency-limit.js';
import type { Timings } from '../../process/timings.js';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { LoggedOperation } from '../operation/operation-log.js';
import type { Streams } from '../sse/sse.js';
import { type Caller, callerOf } from './caller.js';
import { handleErrors, sendNotFound } from './error-responses.js';
import { files } from './files/files.js';
import { uploads } from './files/uploads.js';
import { graphiql } from './graphiql.js';
import type { HttpContext } from './graphql/apollo.js';
import { streamIfPreferred, streamSubscriptions } from './graphql/stream-choice.js';
import { health } from './health.js';
import { limitConcurrency } from './limit-concurrency.js';
import type { Origins } from './origins.js';
import { serveUnder } from './public-base.js';
import { logRequests } from './request-log.js';
import { securityHeaders } from './security-headers.js';

export const GRAPHQL_PATH = '/graphql';
const STREAM_PATH = '/graphql/stream';
const GRAPHIQL_PATH = '/graphiql';
const PREFLIGHT_SECONDS = 86_400;
/** For a whole request: a large upload over a slow connection may take as long as its URL is valid. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Response headers that a page of another origin may read, besides the safelisted ones. */
const EXPOSED_HEADERS = ['X-Request-Id', 'Retry-After', 'WWW-Authenticate'];
const PLAIN_JSON = 'application/json';
/** A client that accepts both equally gets the first, which is Apollo's choice too. */
const RESPONSE_TYPES = [PLAIN_JSON, 'application/graphql-response+json'];

type HttpOptions = {
  apollo: ApolloServer<HttpContext>;
  streams: Streams;
  services: Services;
  tokens: Tokens;
  corsOrigins: Origins;
  requestsPerAddress: ConcurrencyLimit;
  /** How long a connection without a request stays open. */
  keepAliveSeconds?: number;
  /** The path under which a proxy publishes this server: empty for the root. */
  basePath?: string;
  timings: Timings;
  logger: Logger;
  isReady: () => boolean;
  adaptivePool: Pick<AdaptivePool, 'fault'>;
};

export function createHttpServer({
  apollo,
  streams,
  services,
  tokens,
  corsOrigins,
  requestsPerAddress,
  keepAliveSeconds = 5,
  basePath = '',
  timings,
  logger,
  isReady,
  adaptivePool,
}: HttpOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  // Cacheable responses set an ETag of their own.
  app.disable('etag');
  app.use(securityHeaders);
  app.use(logRequests(logger));
  // A browser rejects `*` for a request with credentials. The server has no cookies, so `*` needs none.
  const credentials = corsOrigins !== '*';
  app.use(cors({ origin: corsOrigins, credentials, exposedHeaders: EXPOSED_HEADERS, maxAge: PREFLIGHT_SECONDS }));
  app.use(health(services.orm, isReady, adaptivePool));
  app.use(files(services));
  app.use(uploads(services, limitConcurrency(requestsPerAddress, services.addressOf)));
  app.use(GRAPHIQL_PATH, graphiql(basePath));
  app.get('/', (_, response) => response.redirect(basePath + GRAPHIQL_PATH));
  app.use(STREAM_PATH, streams.router);
  app.use(
    GRAPHQL_PATH,
    redirectBrowsers(basePath + GRAPHIQL_PATH),
    streamIfPreferred(RESPONSE_TYPES, streams.router),
    limitConcurrency(requestsPerAddress, services.addressOf),
    express.json({ limit: MAX_REQUEST_BYTES }),
    streamSubscriptions(streams.router),
    // Not in Apollo's `context`: the client would receive the message of an error thrown there.
    (request, response, next) => {
      const caller = callerOf(request, services, tokens);
      const { requestId, viewer } = caller.context;
      response.locals.caller = caller;
      response.locals.operation = new LoggedOperation(logger, requestId, viewer?.id);
      next();
    },
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const { context, ...presented } = res.locals.caller as Caller;
        const logged: LoggedOperation = res.locals.operation;
        return { ...context, ...presented, isPlainJson: req.accepts(RESPONSE_TYPES) === PLAIN_JSON, logged };
      },
    }),
  );
  app.use(sendNotFound);
  app.use(handleErrors(logger));
  const keepAliveTimeout = keepAliveSeconds * 1000;
  const server = createServer(
    { keepAliveTimeout, requestTimeout: REQUEST_TIMEOUT_MS, shouldUpgradeCallback: isWebSocket },
    app,
  );
  return serveUnder(basePath, server.setTimeout(timings.stalledRequestTimeoutMs));
}

/** Some clients offer HTTP/2 with each request, and use HTTP/1.1 if the server ignores the offer. */
const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** Redirects a person who opens the endpoint in a browser to GraphiQL. */
const redirectBrowsers =
  (graphiqlUrl: string): RequestHandler =>
  (request, response, next) => {
    if (request.method !== 'GET' || request.query.query !== undefined || request.accepts(['json', 'html']) !== 'html')
      return next();
    response.redirect(graphiqlUrl);
  };
