/** The HTTP server: GraphQL, its event streams, files, the pages, health. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import cors from 'cors';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Tokens } from '../../accounts/sessions/tokens.js';
import type { Services } from '../../api/context.js';
import type { AdaptivePool } from '../../db/adaptive-pool.js';
import type { ConcurrencyLimit } from '../../limits/concurrency-limit.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { Scrape } from '../../metrics/scrape.js';
import type { Timings } from '../../process/timings.js';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import type { Streams } from '../sse/sse.js';
import { handleErrors, sendNotFound } from './error-responses.js';
import { files } from './files/files.js';
import { uploads } from './files/uploads.js';
import { answerWith } from './graphql/answer.js';
import type { HttpContext } from './graphql/apollo.js';
import { choiceOf, streamIfPreferred, streamSubscriptions } from './graphql/stream-choice.js';
import { health } from './health.js';
import { limitConcurrency } from './limit-concurrency.js';
import { serveMetrics } from './metrics.js';
import type { Origins } from './origins.js';
import { GRAPHIQL_PATH, pages } from './pages.js';
import { serveUnder } from './public-base.js';
import { logRequests } from './request-log.js';
import { setSecurityHeaders } from './security-headers.js';
import { shares } from './shares/shares.js';

export const GRAPHQL_PATH = '/graphql';
const STREAM_PATH = '/graphql/stream';
const PREFLIGHT_SECONDS = 86_400;
/** For a whole request: a large upload over a slow connection may take as long as its URL is valid. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Response headers that a page of another origin may read, besides the safelisted ones. */
const EXPOSED_HEADERS = ['X-Request-Id', 'Retry-After', 'WWW-Authenticate'];

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
  /** The origin of the storage, if requests for files are redirected to it. */
  fileOrigin?: string | undefined;
  /** The origin of PUBLIC_URL, for absolute URLs in link previews. */
  publicOrigin?: string | undefined;
  timings: Timings;
  /** For `/metrics`; absent without METRICS_TOKEN. */
  scraping?: { token: string; scrape: Scrape } | undefined;
  metrics: Metrics;
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
  fileOrigin,
  publicOrigin,
  timings,
  scraping,
  metrics,
  logger,
  isReady,
  adaptivePool,
}: HttpOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  // Cacheable responses set an ETag of their own.
  app.disable('etag');
  const limit = limitConcurrency(requestsPerAddress, services.addressOf);
  const parse = express.json({ limit: MAX_REQUEST_BYTES });
  const answer = answerWith({ apollo, services, tokens, metrics, logger });
  const handleError = handleErrors(logger);
  app.use(health(services.orm, isReady, adaptivePool));
  if (scraping) app.use(serveMetrics(scraping));
  app.use(files(services));
  app.use(shares(services, publicOrigin));
  app.use(uploads(services, limit));
  app.use(pages({ basePath, fileOrigin }));
  app.use(STREAM_PATH, streams.router);
  app.use(
    GRAPHQL_PATH,
    redirectBrowsers(basePath + GRAPHIQL_PATH),
    streamIfPreferred(streams.router),
    limit,
    parse,
    streamSubscriptions(streams.router),
    answer,
  );
  app.use(sendNotFound(basePath));
  app.use(handleError);

  /** What Express would do for most requests to /graphql, without its router. */
  const post: RequestListener = (request, response) => {
    const fail = (error: object) => handleError(error, request, response, () => response.destroy());
    limit(request, response, () =>
      parse(request, response, (error) => (error ? fail(error) : answer(request, response).catch(fail))),
    );
  };
  // A browser rejects `*` for a request with credentials. The server has no cookies, so `*` needs none.
  const credentials = corsOrigins !== '*';
  const setCors = cors({
    origin: corsOrigins,
    credentials,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  });
  const log = logRequests(logger, metrics);
  const serve: RequestListener = (request, response) => {
    setSecurityHeaders(response);
    log(request, response);
    setCors(request, response, () => (isPostForJson(request) ? post : app)(request, response));
  };
  const keepAliveTimeout = keepAliveSeconds * 1000;
  const server = createServer(
    { keepAliveTimeout, requestTimeout: REQUEST_TIMEOUT_MS, shouldUpgradeCallback: isWebSocket },
    serve,
  );
  return serveUnder(basePath, server.setTimeout(timings.stalledRequestTimeoutMs));
}

/** Some clients offer HTTP/2 with each request, and use HTTP/1.1 if the server ignores the offer. */
const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** Whether no choice is left but to answer with JSON. */
function isPostForJson(request: IncomingMessage): boolean {
  if (request.method !== 'POST' || request.url !== GRAPHQL_PATH) return false;
  const { prefersStream, acceptsStream } = choiceOf(request);
  return !prefersStream && !acceptsStream;
}

/** Redirects a person who opens the endpoint in a browser to GraphiQL. */
const redirectBrowsers =
  (graphiqlUrl: string): RequestHandler =>
  (request, response, next) => {
    if (request.method !== 'GET' || request.query.query !== undefined || request.accepts(['json', 'html']) !== 'html')
      return next();
    response.redirect(graphiqlUrl);
  };
