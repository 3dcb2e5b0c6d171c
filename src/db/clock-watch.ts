/**
 * Detects that PostgreSQL's clock was set back, and resets leases, pauses and waiting times that lie in the future: they would otherwise
 * last until the clock has caught up. A clock that is set forward ends them early, which is harmless.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';

/** A smaller step is a slow response. */
const MIN_STEP_MS = 2_000;

/** Idempotent: every server runs it. The longest pause is an hour; a lease is far shorter. */
const RESETS = [
  `update prompts set lease_until = now() + ? * interval '1 ms' where ended_at is null and lease_until > now() + 2 * ? * interval '1 ms'`,
  `update prompts set stop_asked_at = now() where ended_at is null and stop_asked_at > now()`,
  `update prompts set abandoned_at = now() where ended_at is null and abandoned_at > now()`,
  `update backends set offline_since = now() where offline_since > now()`,
  `update generations set run_after = now() where waiting and run_after > now()`,
  `update turns set at = now() where at > now()`,
];

export class ClockWatch {
  readonly #checks: Repeating;
  #last: { databaseMs: number; at: number } | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly timings: Pick<Timings, 'sweepIntervalMs' | 'leaseMs'>,
    private readonly logger: Logger,
  ) {
    this.#checks = new Repeating(timings.sweepIntervalMs, () => this.#check(), 'check the clock of PostgreSQL', logger);
  }

  /** Resets at once: the clock may have been set back while no server ran. */
  async open(): Promise<void> {
    await resetTimes(this.orm.em.fork(), this.timings.leaseMs);
    this.#checks.open();
  }

  close(): Promise<void> {
    return this.#checks.close();
  }

  async #check(): Promise<void> {
    const em = this.orm.em.fork();
    const before = performance.now();
    const [row] = await em.execute<{ ms: number }[]>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
    );
    const reading = { databaseMs: row?.ms as number, at: performance.now() };
    const last = this.#last;
    this.#last = reading;
    if (!last) return;
    const stepMs = reading.databaseMs - last.databaseMs - (before - last.at);
    if (stepMs > -MIN_STEP_MS) return;
    this.logger.warn({ stepMs: Math.round(stepMs) }, 'the clock of PostgreSQL was set back');
    await resetTimes(em, this.timings.leaseMs);
  }
}

async function resetTimes(em: SqlEntityManager, leaseMs: number): Promise<void> {
  for (const statement of RESETS) await em.execute(statement, Array(statement.split('?').length - 1).fill(leaseMs));
}
