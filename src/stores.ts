/** The ground floor of the app. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { promoteConfiguredAdmin } from './accounts/admins.js';
import { Revocations } from './accounts/sessions/revocations.js';
import { Sessions } from './accounts/sessions/sessions.js';
import { Tokens } from './accounts/sessions/tokens.js';
import { ShareLinks } from './assets/shares/share-links.js';
import type { Config } from './config.js';
import { AdaptivePool, poolOf, retryWhileFull } from './db/adaptive-pool.js';
import { Channel } from './db/channel.js';
import { checkDatabase } from './db/check-database.js';
import { startEmbeddedPostgres } from './db/embedded/embedded-postgres.js';
import { guardPool } from './db/guard-pool.js';
import { migrate } from './db/migrate.js';
import { PinnedConnection } from './db/pinned-connection.js';
import { createReads } from './db/reads.js';
import { openEpoch } from './generations/live/epochs.js';
import type { Metrics } from './metrics/metrics.js';
import { openDatabase } from './orm.js';
import type { Closers } from './process/closers.js';
import { prepareDataDir } from './process/data-dir.js';
import { loadOrCreateSecret } from './process/secret.js';
import { Replica } from './runner/replica.js';
import { basePathOf } from './server/http/public-base.js';
import { configuredStorage } from './storage/open-storage.js';
import { SignedUrls } from './storage/signed-urls.js';
import type { AppTimings } from './timings.js';

/** The arguments of every floor. */
export type Start = { config: Config; timings: AppTimings; metrics: Metrics; logger: Logger; closers: Closers };

/**
 * Opens DATA_DIR, the database and its connections, the storage, and the credentials.
 * @throws StartError
 */
export async function openStores({ config, timings, logger, closers }: Start) {
  await prepareDataDir(config.dataDir);
  const secret = config.jwtSecret ?? (await loadOrCreateSecret(join(config.dataDir, 'jwt-secret')));
  const secrets = [secret, ...(config.jwtSecretPrevious ?? [])];

  if (config.databaseUrl) await checkDatabase(config.databaseUrl, timings);
  const databaseUrl =
    config.databaseUrl ?? (await closers.open(startEmbeddedPostgres(config.dataDir, logger, timings))).url;
  const orm = await openDatabase(databaseUrl, timings, config.databasePoolSize);
  closers.add(() => orm.close());
  const pool = await poolOf(orm);
  const adaptivePool = new AdaptivePool(pool, timings, logger);
  await migrate(orm, logger);
  const epoch = await openEpoch(orm.em.fork());
  await guardPool(orm, timings);
  const reads = createReads(orm, pool);
  await promoteConfiguredAdmin(orm.em.fork(), config.adminEmail, logger);

  const storage = await closers.open(configuredStorage(config, timings));
  const pinned = new PinnedConnection(databaseUrl, timings, logger);
  const replica = new Replica(pinned);
  const channel = new Channel(pinned, timings, logger);
  closers.add(() => pinned.close());
  await retryWhileFull(timings.databaseFullTimeoutMs, () => pinned.open());

  const tokens = new Tokens(secrets, config.accessTokenSeconds);
  const signedUrls = new SignedUrls(secrets, basePathOf(config.publicUrl));
  const shareLinks = new ShareLinks(secrets, basePathOf(config.publicUrl));
  const revocations = await closers.open(new Revocations(orm, channel, timings, logger));
  const sessions = new Sessions(tokens, config.refreshTokenSeconds, timings.refreshGraceMs, revocations);
  return {
    orm,
    pool,
    reads,
    adaptivePool,
    epoch,
    storage,
    replica,
    channel,
    tokens,
    signedUrls,
    shareLinks,
    revocations,
    sessions,
  };
}
