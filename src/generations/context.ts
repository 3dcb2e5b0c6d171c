/** The slice of an operation's context that generations use. */
import type { ViewerContext } from '../accounts/context.js';
import type { Backends } from '../backends/backends.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { RunningLimits } from '../runner/claims.js';
import type { Runner } from '../runner/runner.js';
import type { SignedUrls } from '../storage/signed-urls.js';
import type { Storage } from '../storage/storage.js';
import type { NodePolicy } from '../workflows/graph/node-policy.js';
import type { Workflows } from '../workflows/workflows.js';
import type { Loaders } from './api/loaders.js';
import type { ValidateUrl } from './create/create.js';
import type { Inserts } from './create/inserts.js';
import type { QueueLimits } from './create/queue-limits.js';
import type { GenerationMetrics } from './generation-metrics.js';
import type { Updates } from './live/updates.js';
import type { Cleaner } from './upkeep/cleaner.js';
import type { HistoryCleaner } from './upkeep/comfyui-history.js';
import type { Retention } from './upkeep/expired.js';

export type GenerationsContext = ViewerContext & {
  backends: Backends;
  runner: Runner;
  updates: Updates;
  metrics: GenerationMetrics;
  cleaner: Cleaner;
  historyCleaner: HistoryCleaner;
  storage: Storage;
  signedUrls: SignedUrls;
  workflows: Workflows;
  nodePolicy: NodePolicy;
  /** The default model, DEFAULT_MODEL. */
  configuredModel: string | undefined;
  validateWebhookUrl: ValidateUrl;
  inserts: Inserts;
  queueLimits: QueueLimits;
  runningLimits: RunningLimits;
  rateLimits: RateLimits;
  loaders: Loaders;
  retention: Retention;
};
