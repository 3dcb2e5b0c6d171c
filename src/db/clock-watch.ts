/**
 * Detects that PostgreSQL's clock was set back, and has the owners of tables reset the times that lie in the future: leases, pauses and
 * waiting times would otherwise last until the clock has caught up. A clock that is set forward ends them early, which is harmless.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';

/** A smaller step is a slow response. */
const MIN_STEP_MS = 2_000;

/** Resets the times of one room that lie in the future. Idempotent: every server runs it. */
type ResetTimes = (em: SqlEntityManager) => Promise<void>;

export class ClockWatch {
  readonly #checks: Repeating;
  #last: { databaseMs: number; at: number } | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly resets: readonly ResetTimes[],
    { sweepIntervalMs }: Pick<Timings, 'sweepIntervalMs'>,
    private readonly logger: Logger,
  ) {
    this.#checks = new Repeating(sweepIntervalMs, () => this.#check(), 'check the clock of PostgreSQL', logger);
  }

  /** Resets at once: the clock may have been set back while no server ran. */
  async open(): Promise<void> {
    await this.#reset(this.orm.em.fork());
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
    await this.#reset(em);
  }

  async #reset(em: SqlEntityManager): Promise<void> {
    for (const reset of this.resets) await reset(em);
  }
}
