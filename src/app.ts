/** Makes everything that lives long, in order, and closes it in reverse. Nothing long-lived is made elsewhere. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { promoteConfiguredAdmin } from './accounts/admins.js';
import { Revocations } from './accounts/sessions/revocations.js';
import { Sessions } from './accounts/sessions/sessions.js';
import { Tokens } from './accounts/sessions/tokens.js';
import type { Services } from './api/context.js';
import { createSchema } from './api/schema.js';
import { nameAt } from './backends/addresses.js';
import { Backends } from './backends/backends.js';
import type { Config } from './config.js';
import { Channel } from './db/channel.js';
import { reachDatabase } from './db/check-database.js';
import { ClockWatch } from './db/clock-watch.js';
import { ConnectionLimit, poolOf, whileFull } from './db/connection-limit.js';
import { startEmbeddedPostgres } from './db/embedded/embedded-postgres.js';
import { asStartError } from './db/error-messages.js';
import { keepPoolWhole } from './db/guard-pool.js';
import { migrate } from './db/migrate.js';
import { Session } from './db/pinned-connection.js';
import { createWork } from './generations/job/job.js';
import { openEpoch } from './generations/live/epochs.js';
import { Updates } from './generations/live/updates.js';
import { createOwnedGenerations } from './generations/owned-generations.js';
import { Cleaner } from './generations/upkeep/cleaner.js';
import { History } from './generations/upkeep/comfyui-history.js';
import { Patience } from './generations/upkeep/queue-timeouts.js';
import { readAddress } from './limits/client-address.js';
import { ConcurrencyLimit } from './limits/concurrency-limit.js';
import { RateLimits } from './limits/rate-limits.js';
import { openDatabase } from './orm.js';
import { Closers } from './process/closers.js';
import { keptSecret } from './process/secret.js';
import { reasonOf, StartError } from './process/start-error.js';
import { Replica } from './runner/replica.js';
import { Runner } from './runner/runner.js';
import { createApollo } from './server/http/apollo.js';
import { createHttpServer, GRAPHQL_PATH } from './server/http/http.js';
import { isLoopback, listen } from './server/http/listen.js';
import { withPublicOrigin } from './server/http/origins.js';
import { basePathOf } from './server/http/public-base.js';
import { Pipeline } from './server/operation/pipeline.js';
import { Streams } from './server/sse/sse.js';
import { serveWebSocket } from './server/websocket/websocket.js';
import { startSimulatorThread } from './simulator/thread.js';
import { DiskStorage } from './storage/disk.js';
import { SignedUrls } from './storage/signed-urls.js';
import { APP_TIMINGS, type AppTimings, checkTimings } from './timings.js';
import { builtInSource } from './workflows/built-in/index.js';
import { Workflows } from './workflows/workflows.js';

/** More generations than this are never on backends at once. */
const NO_LIMIT = 1_000_000;

export type App = {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  url: string;
  /** Where other machines find it, such as `http://192.168.1.20:4000`; none where it listens on one address. */
  networkUrls: string[];
  /** Whether it draws by the simulator, for want of a COMFYUI_URL. */
  isSimulated: boolean;
  close(): Promise<void>;
};

/** @throws StartError with a sentence for whoever runs it; what was opened until then is closed. */
export async function startApp(config: Config, logger: Logger, timings: AppTimings = APP_TIMINGS): Promise<App> {
  checkTimings(timings);
  const closers = new Closers(logger);
  try {
    return await start(config, timings, logger, closers);
  } catch (error) {
    await closers.close();
    throw asStartError(error);
  }
}

async function start(config: Config, timings: AppTimings, logger: Logger, closers: Closers): Promise<App> {
  await makeFolder(config.dataDir);
  const secret = config.jwtSecret ?? (await keptSecret(join(config.dataDir, 'jwt-secret')));

  if (config.databaseUrl) await reachDatabase(config.databaseUrl, timings);
  const databaseUrl =
    config.databaseUrl ?? (await closers.open(startEmbeddedPostgres(config.dataDir, logger, timings))).url;
  const orm = await openDatabase(databaseUrl, timings, config.databasePoolSize);
  closers.add(() => orm.close());
  const pool = await poolOf(orm);
  const connectionLimit = new ConnectionLimit(pool, timings, logger);
  await migrate(orm, logger);
  const epoch = await openEpoch(orm.em.fork());
  await keepPoolWhole(orm, timings);

  const { adminEmail, defaultModel: configuredModel } = config;
  await promoteConfiguredAdmin(orm.em.fork(), adminEmail, logger);

  const storage = new DiskStorage(join(config.dataDir, 'pictures'));
  await storage.open().catch((error) => {
    throw new StartError(reasonOf(error), { cause: error });
  });
  const secrets = [secret, ...(config.jwtSecretPrevious ?? [])];
  const basePath = basePathOf(config.publicUrl);
  const signedUrls = new SignedUrls(secrets, basePath);
  const tokens = new Tokens(secrets, config.accessTokenSeconds);
  const session = new Session(databaseUrl, timings, logger);
  const replica = new Replica(session);
  const channel = new Channel(session, logger);
  closers.add(() => session.close());
  await whileFull(timings.databaseFullTimeoutMs, () => session.open());
  const revocations = await closers.open(new Revocations(orm, channel, timings, logger));
  const sessions = new Sessions(tokens, config.refreshTokenSeconds, timings.refreshGraceMs, revocations);
  const backends = new Backends(orm, timings, logger);
  const runningLimits = { user: config.maxRunningPerUser ?? NO_LIMIT, admin: config.maxRunningPerAdmin ?? NO_LIMIT };
  const waiting = { backends, runningLimits };
  const updates = await closers.open(new Updates(orm, epoch, channel, waiting, timings, logger));
  const cleaner = await closers.open(new Cleaner(orm, storage, timings, logger));
  await closers.open(new Patience(orm, updates, config.queueTimeoutSeconds, timings, logger));
  await closers.open(new ClockWatch(orm, timings, logger));

  const simulator = config.comfyuiUrl ? undefined : await closers.open(startSimulatorThread(config.simulatorStepMs));
  closers.add(() => backends.close());
  await backends.open(
    simulator ? [{ name: nameAt(1), url: simulator.url, identity: 'simulator:' }] : (config.comfyuiUrl ?? []),
  );
  const history = await closers.open(new History(orm, backends, timings, logger));
  const workflows = new Workflows([builtInSource]);
  const work = createWork({
    orm,
    storage,
    workflows,
    updates,
    logger,
    generationTimeoutSeconds: config.generationTimeoutSeconds,
    queueTimeoutSeconds: config.queueTimeoutSeconds,
    stallTimeoutSeconds: config.stallTimeoutSeconds,
    backends,
    configuredModel,
    timings,
    clear: async (id) => {
      if (await cleaner.clear(id)) history.clear();
    },
  });
  const runner = new Runner({
    orm,
    replica,
    channel,
    backends,
    limits: runningLimits,
    work,
    onMoved: (moved) => updates.publish(moved),
    timings,
    logger,
  });
  runner.open();
  closers.add(() => runner.close());

  const rateLimits = await closers.open(new RateLimits(pool, config, logger));
  const services: Services = {
    orm,
    sessions,
    ownedGenerations: createOwnedGenerations({ runner, updates, cleaner }),
    addressOf: readAddress(config.trustedProxies, () =>
      logger.warn(
        'ignoring X-Forwarded-For: behind a proxy all clients share its address, and the limits of one address; set TRUSTED_PROXIES',
      ),
    ),
    revocations,
    backends,
    runner,
    updates,
    cleaner,
    history,
    storage,
    signedUrls,
    workflows,
    configuredModel,
    registration: { isOpen: config.registration === 'open', adminEmail },
    rateLimits,
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
  const corsOrigins = withPublicOrigin(config.corsOrigins, config.publicUrl);
  const connections = {
    perUser: new ConcurrencyLimit(config.maxSocketsPerUser),
    perAddress: new ConcurrencyLimit(config.maxSocketsPerAddress),
  };
  const streams = new Streams({ connections, pipeline, services, tokens, logger });
  const requestsPerAddress = new ConcurrencyLimit(config.maxRequestsPerAddress);
  const http = createHttpServer({
    apollo,
    streams,
    services,
    tokens,
    corsOrigins,
    requestsPerAddress,
    keepAliveSeconds: config.keepAliveSeconds,
    basePath,
    timings,
    logger,
    isReady: () => isReady,
    connectionLimit,
  });
  const door = await listen(http, config.host, config.port);
  if (config.registration === 'open' && !isLoopback(config.host))
    logger.warn(
      { host: config.host },
      'anyone who can reach this server can sign up and use its ComfyUI: REGISTRATION=closed keeps strangers out',
    );
  // After it listens: what keeps a port from being opened is not the sockets' to report.
  const closeSockets = serveWebSocket({
    http,
    path: GRAPHQL_PATH,
    pipeline,
    services,
    tokens,
    corsOrigins,
    connections,
    timings,
    logger,
  });
  closers.add(async () => {
    isReady = false;
    streams.close();
    await Promise.all([runner.close(), closeSockets(), door.close()]);
  });
  return {
    url: door.url,
    networkUrls: door.networkUrls,
    isSimulated: simulator !== undefined,
    close: () => closers.close(),
  };
}

async function makeFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `DATA_DIR=${dataDir} cannot be written to (${reasonOf(error)}): give it to the user that runs this server, or choose another`,
    );
  }
}
