/** The middle floor of the app. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { resetOfflineSince } from './backends/backend-rows.js';
import { Backends } from './backends/backends.js';
import { nameAt } from './backends/settings/addresses.js';
import { ClockWatch } from './db/clock-watch.js';
import { Sender } from './deliveries/sender.js';
import { Destinations } from './deliveries/webhooks/destinations.js';
import { WebhookChannel } from './deliveries/webhooks/webhook-channel.js';
import { createWork } from './generations/job/job.js';
import { Updates } from './generations/live/updates.js';
import { changed } from './generations/report-change.js';
import { Cleaner } from './generations/upkeep/cleaner.js';
import { clearGeneration } from './generations/upkeep/clear-generation.js';
import { HistoryCleaner } from './generations/upkeep/comfyui-history.js';
import { QueueTimeouts } from './generations/upkeep/queue-timeouts.js';
import { RetentionSweeper } from './generations/upkeep/retention.js';
import { resetFutureTimes } from './runner/future-times.js';
import { Runner } from './runner/runner.js';
import { startSimulatorThread } from './simulator/thread.js';
import type { openStores, Start } from './stores.js';
import { builtInSource } from './workflows/built-in/index.js';
import { NodePolicy } from './workflows/graph/node-policy.js';
import { SavedSource } from './workflows/saved/saved-source.js';
import { Workflows } from './workflows/workflows.js';

/** More than the backends can run at once. */
const NO_LIMIT = 1_000_000;

type Stores = Awaited<ReturnType<typeof openStores>>;

/** Opens the backends, the runner that gives them work, live updates, deliveries and upkeep. */
export async function openWork({ config, timings, metrics, logger, closers }: Start, stores: Stores) {
  const { orm, reads, epoch, storage, replica, channel } = stores;
  const backends = new Backends(orm, timings, logger);
  const runningLimits = { user: config.maxRunningPerUser ?? NO_LIMIT, admin: config.maxRunningPerAdmin ?? NO_LIMIT };
  const updates = await closers.open(
    new Updates(orm, reads, epoch, channel, { backends, runningLimits }, timings, logger),
  );
  const cleaner = await closers.open(new Cleaner(orm, storage, timings, logger));
  await closers.open(new QueueTimeouts(orm, { updates, metrics }, config.queueTimeoutSeconds, timings, logger));
  const destinations = new Destinations(config.webhookPrivateNetworks);
  const webhooks = new WebhookChannel(destinations, timings.deliveryTimeoutMs);
  await closers.open(new Sender(reads, webhooks, timings, metrics, logger));
  const resets = [resetOfflineSince, (em: SqlEntityManager) => resetFutureTimes(em, timings.leaseMs)];
  const clock = await closers.open(new ClockWatch(orm, resets, timings, logger));

  const simulator = config.comfyuiUrl ? undefined : await closers.open(startSimulatorThread(config.simulatorStepMs));
  closers.add(() => backends.close());
  await backends.open(
    simulator ? [{ name: nameAt(1), url: simulator.url, identity: 'simulator:' }] : (config.comfyuiUrl ?? []),
  );
  const historyCleaner = await closers.open(new HistoryCleaner(orm, backends, timings, logger));

  const workflows = new Workflows([new SavedSource(reads), builtInSource(backends)]);
  const nodePolicy = new NodePolicy(config.workflowAuthors, config.allowedNodes);
  const work = createWork({
    orm,
    statements: reads,
    storage,
    workflows,
    nodePolicy,
    updates,
    metrics,
    generationTimeoutSeconds: config.generationTimeoutSeconds,
    queueTimeoutSeconds: config.queueTimeoutSeconds,
    stallTimeoutSeconds: config.stallTimeoutSeconds,
    backends,
    configuredModel: config.defaultModel,
    timings,
    clear: (id) => clearGeneration(id, { cleaner, historyCleaner }),
  });
  const runner = new Runner({
    orm,
    statements: reads,
    replica,
    channel,
    clock,
    backends,
    limits: runningLimits,
    work,
    onMoved: (moved) => changed(moved, 'moved', { updates, metrics }),
    timings,
    logger,
  });
  runner.open();
  closers.add(() => runner.close());
  const retention = { days: config.keepDays, count: config.keepCount, bytes: config.keepBytes };
  const services = { updates, metrics, runner, cleaner, historyCleaner };
  await closers.open(new RetentionSweeper(orm, retention, services, timings, logger));
  const isSimulated = simulator !== undefined;
  return {
    backends,
    runningLimits,
    updates,
    cleaner,
    historyCleaner,
    workflows,
    nodePolicy,
    runner,
    destinations,
    retention,
    isSimulated,
  };
}
