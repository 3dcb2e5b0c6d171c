/**
 * Detects that PostgreSQL's clock was set, and has the owners of tables reset their times. After a step back, leases, pauses and waiting
 * times in the future would otherwise last until the clock has caught up. A step forward ends them early, which is harmless, except for
 * the time that a backend has been offline.
 */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { Repeating } from '../process/repeating.js';
import type { Timings } from '../process/timings.js';

/** A smaller step is a slow response. */
const MIN_STEP_MS = 2_000;

/** Resets the times of one room. Idempotent: every server runs it. `stepMs` is positive after a step forward, and 0 at the start. */
type ResetTimes = (em: SqlEntityManager, stepMs: number) => Promise<void>;

export class ClockWatch {
  readonly #checks: Repeating;
  /** The last reading, between two times of `performance.now()`. */
  #last: { databaseMs: number; before: number; after: number } | undefined;

  constructor(
    private readonly orm: MikroORM,
    private readonly resets: readonly ResetTimes[],
    { sweepIntervalMs }: Pick<Timings, 'sweepIntervalMs'>,
    private readonly logger: Logger,
  ) {
    this.#checks = new Repeating(sweepIntervalMs, () => this.check(), 'check the clock of PostgreSQL', logger);
  }

  /** Resets at once: the clock may have been set back while no server ran. */
  async open(): Promise<void> {
    await this.#reset(this.orm.em.fork(), 0);
    await this.check();
    this.#checks.open();
  }

  close(): Promise<void> {
    return this.#checks.close();
  }

  /** Call it before an act that must not follow from a step of the clock alone. */
  async check(): Promise<void> {
    const em = this.orm.em.fork();
    const before = performance.now();
    const [row] = await em.execute<{ ms: number }[]>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
    );
    const reading = { databaseMs: row?.ms as number, before, after: performance.now() };
    const last = this.#last;
    this.#last = reading;
    if (!last) return;
    const passedMs = reading.databaseMs - last.databaseMs;
    const most = passedMs - (before - last.after);
    const least = passedMs - (reading.after - last.before);
    if (most > -MIN_STEP_MS && least < MIN_STEP_MS) return;
    const stepMs = most <= -MIN_STEP_MS ? most : least;
    this.logger.warn(
      { stepMs: Math.round(stepMs) },
      `the clock of PostgreSQL was set ${stepMs < 0 ? 'back' : 'forward'}`,
    );
    await this.#reset(em, stepMs);
  }

  async #reset(em: SqlEntityManager, stepMs: number): Promise<void> {
    for (const reset of this.resets) await reset(em, stepMs);
  }
}
