/** What the collaborators of one run of a job share. */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Backends } from '../../backends/backends.js';
import type { BackendTimings } from '../../backends/timings.js';
import type { SqlRunner } from '../../db/reads.js';
import type { Job } from '../../runner/leases.js';
import type { JobTools } from '../../runner/runner.js';
import type { Storage } from '../../storage/storage.js';
import type { NodePolicy } from '../../workflows/graph/node-policy.js';
import type { Workflows } from '../../workflows/workflows.js';
import type { GenerationMetrics } from '../generation-metrics.js';
import type { Updates } from '../live/updates.js';
import { Cancellation } from './cancellation.js';
import type { Deadlines } from './deadlines.js';
import { JobOutcome } from './finish.js';

export type JobServices = Deadlines & {
  orm: MikroORM;
  /** Runs the statements of every job. */
  statements: SqlRunner;
  storage: Storage;
  workflows: Workflows;
  nodePolicy: NodePolicy;
  updates: Updates;
  metrics: GenerationMetrics;
  backends: Backends;
  configuredModel: string | undefined;
  timings: BackendTimings;
  /** Removes the files that a generation without an open prompt does not need. */
  clear: (id: string) => Promise<void>;
};

export class JobContext {
  readonly outcome: JobOutcome;
  readonly cancellation: Cancellation;
  /** Of this run, in milliseconds of `performance.now()`. */
  readonly startedAt = performance.now();

  constructor(
    readonly services: JobServices,
    readonly job: Job,
    readonly tools: JobTools,
  ) {
    this.outcome = new JobOutcome(this);
    this.cancellation = new Cancellation(this);
  }

  get logger(): Logger {
    return this.tools.logger;
  }

  /** Each statement has a unit of work of its own. */
  get em(): SqlEntityManager {
    return this.services.orm.em.fork();
  }

  /** Aborted with a JobReleasedError, with a StoppedError, or because the run is over. */
  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
}
