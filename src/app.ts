/**
 * The composition root: opens everything long-lived in three floors (stores, work, doors), each from what the floor below returned, and
 * closes it in reverse order. Nothing long-lived is created elsewhere.
 */

import type { Logger } from 'pino';
import { SessionChecks } from './accounts/sessions/session-checks.js';
import type { Services } from './api/context.js';
import { createSchema } from './api/schema.js';
import { StrippedFiles } from './assets/shares/stripped-files.js';
import type { Config } from './config.js';
import { toStartError } from './db/describe-error.js';
import { Inserts } from './generations/create/inserts.js';
import { createOwnedGenerations } from './generations/owned-generations.js';
import { readAddress } from './limits/client-address.js';
import { ConcurrencyLimit } from './limits/concurrency-limit.js';
import { RateLimits } from './limits/rate-limits.js';
import { Metrics } from './metrics/metrics.js';
import { Closers } from './process/closers.js';
import { createScraping } from './scraping.js';
import { createApollo } from './server/http/graphql/apollo.js';
import { createHttpServer, GRAPHQL_PATH } from './server/http/http.js';
import { isLoopback, listen } from './server/http/listen.js';
import { withPublicOrigin } from './server/http/origins.js';
import { basePathOf } from './server/http/public-base.js';
import { Pipeline } from './server/operation/pipeline.js';
import { Streams } from './server/sse/sse.js';
import { serveWebSocket } from './server/websocket/websocket.js';
import { openStores, type Start } from './stores.js';
import { APP_TIMINGS, type AppTimings, checkTimings } from './timings.js';
import { openWork } from './work.js';

const PROXY_IS_NOT_TRUSTED =
  'ignoring X-Forwarded-For: behind a proxy all clients share its address, and the limits of one address; set TRUSTED_PROXIES';
const REGISTRATION_IS_OPEN =
  'anyone who can reach this server can sign up and use its ComfyUI; set REGISTRATION=closed to prevent this';

export type App = {
  /** The address it listens on, such as `http://127.0.0.1:4000`. */
  url: string;
  /** Addresses for other machines, such as `http://192.168.1.20:4000`; empty if HOST names one address. */
  networkUrls: string[];
  /** True without COMFYUI_URL: the simulator draws the pictures. */
  isSimulated: boolean;
  close(): Promise<void>;
};

type Stores = Awaited<ReturnType<typeof openStores>>;
type Work = Awaited<ReturnType<typeof openWork>>;

/** @throws StartError with a sentence for the operator, after everything opened so far is closed */
export async function startApp(config: Config, logger: Logger, timings: AppTimings = APP_TIMINGS): Promise<App> {
  checkTimings(timings);
  const closers = new Closers(logger);
  const start = { config, timings, metrics: new Metrics(), logger, closers };
  try {
    const stores = await openStores(start);
    const work = await openWork(start, stores);
    const door = await openDoors(start, stores, work);
    return { ...door, isSimulated: work.isSimulated, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw toStartError(error);
  }
}

/** Top floor: the API over HTTP, WebSocket and server-sent events. */
async function openDoors(start: Start, stores: Stores, work: Work) {
  const { config, timings, metrics, logger, closers } = start;
  const { orm, pool, reads, adaptivePool, storage, tokens, signedUrls, shareLinks, revocations, sessions } = stores;
  const { backends, runningLimits, updates, cleaner, historyCleaner, workflows, nodePolicy, runner } = work;
  const { destinations, retention } = work;
  const rateLimits = await closers.open(new RateLimits(pool, config, logger));
  const services: Services = {
    orm,
    reads,
    sessions,
    sessionChecks: new SessionChecks(reads),
    ownedGenerations: createOwnedGenerations({ runner, updates, metrics, cleaner }),
    addressOf: readAddress(config.trustedProxies, () => logger.warn(PROXY_IS_NOT_TRUSTED)),
    revocations,
    backends,
    runner,
    updates,
    metrics,
    cleaner,
    historyCleaner,
    workflows,
    nodePolicy,
    storage,
    signedUrls,
    destinations,
    retention,
    validateWebhookUrl: destinations.validate,
    shareLinks,
    strippedFiles: new StrippedFiles(storage),
    configuredModel: config.defaultModel,
    registration: { isOpen: config.registration === 'open', adminEmail: config.adminEmail },
    rateLimits,
    inserts: new Inserts(reads),
    uploadLimits: {
      bytes: config.maxUploadBytes,
      userUploads: config.maxUploadsPerUser,
      userBytes: config.maxUploadBytesPerUser,
    },
    runningLimits,
    queueLimits: { user: config.maxQueuedPerUser, admin: config.maxQueuedPerAdmin, all: config.maxQueued },
  };
  const schema = await createSchema();
  const isOpen = config.introspection === 'on';
  const pipeline = new Pipeline(schema, isOpen);
  const apollo = createApollo(schema, isOpen, logger);
  await apollo.start();
  closers.add(() => apollo.stop());
  let isReady = true;
  const corsOrigins = withPublicOrigin(config.corsOrigin, config.publicUrl);
  const connections = {
    perUser: new ConcurrencyLimit(config.maxSocketsPerUser),
    perAddress: new ConcurrencyLimit(config.maxSocketsPerAddress),
  };
  const streams = new Streams({ connections, pipeline, services, tokens, metrics, logger });
  const requests = new ConcurrencyLimit(config.maxRequestsPerAddress);
  const parts = { stores, backends, updates, streams, connections: connections.perAddress, requests };
  const http = createHttpServer({
    apollo,
    streams,
    services,
    tokens,
    corsOrigins,
    requestsPerAddress: requests,
    keepAliveSeconds: config.keepAliveSeconds,
    basePath: basePathOf(config.publicUrl),
    fileOrigin: await storage.downloadOrigin(),
    publicOrigin: config.publicUrl && new URL(config.publicUrl).origin,
    timings,
    scraping: createScraping(start, parts),
    metrics,
    logger,
    isReady: () => isReady,
    adaptivePool,
  });
  const door = await listen(http, config.host, config.port);
  if (config.registration === 'open' && !isLoopback(config.host))
    logger.warn({ host: config.host }, REGISTRATION_IS_OPEN);
  // After listen: a port that cannot be opened is reported there, not by the sockets.
  const closeSockets = serveWebSocket({
    http,
    path: GRAPHQL_PATH,
    pipeline,
    services,
    tokens,
    corsOrigins,
    connections,
    metrics,
    timings,
    logger,
  });
  closers.add(async () => {
    isReady = false;
    streams.close();
    await Promise.all([runner.close(), closeSockets(), door.close()]);
  });
  return { url: door.url, networkUrls: door.networkUrls };
}
