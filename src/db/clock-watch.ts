/**
 * Notices that PostgreSQL's clock was set back, and mends what would otherwise stand still until the clock has caught up: leases, pauses,
 * and the times since when something waits. A clock that is set forward makes them end early, which is harmless.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';

/** Less than that is a slow answer. */
const MIN_STEP_MS = 2_000;

/** Doing it twice is doing it once: each server does. The longest pause is an hour and a lease is shorter by far. */
const MEND = [
  `update prompts set lease_until = now() + ? * interval '1 ms' where ended_at is null and lease_until > now() + 2 * ? * interval '1 ms'`,
  `update prompts set stop_asked_at = now() where ended_at is null and stop_asked_at > now()`,
  `update prompts set abandoned_at = now() where ended_at is null and abandoned_at > now()`,
  `update backends set offline_since = now() where offline_since > now()`,
  `update generations set run_after = now() where waiting and run_after > now()`,
  `update turns set at = now() where at > now()`,
];

export class ClockWatch {
  readonly #looking: Repeating;
  #seen: { databaseMs: number; at: number } | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly timings: Pick<Timings, 'sweepIntervalMs' | 'leaseMs'>,
    private readonly logger: Logger,
  ) {
    this.#looking = new Repeating(
      timings.sweepIntervalMs,
      () => this.#look(),
      'look at the clock of PostgreSQL',
      logger,
    );
  }

  /** It may have been set back while no server ran. */
  async open(): Promise<void> {
    await mend(this.orm.em.fork(), this.timings.leaseMs);
    this.#looking.open();
  }

  close(): Promise<void> {
    return this.#looking.close();
  }

  async #look(): Promise<void> {
    const em = this.orm.em.fork();
    const before = performance.now();
    const [row] = await em.execute<{ ms: number }[]>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
    );
    const seen = { databaseMs: row?.ms as number, at: performance.now() };
    const last = this.#seen;
    this.#seen = seen;
    if (!last) return;
    const stepMs = seen.databaseMs - last.databaseMs - (before - last.at);
    if (stepMs > -MIN_STEP_MS) return;
    this.logger.warn({ stepMs: Math.round(stepMs) }, 'the clock of PostgreSQL was set back');
    await mend(em, this.timings.leaseMs);
  }
}

async function mend(em: SqlEntityManager, leaseMs: number): Promise<void> {
  for (const statement of MEND) await em.execute(statement, Array(statement.split('?').length - 1).fill(leaseMs));
}
