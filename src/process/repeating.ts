/** Repeats an act at an interval, one run at a time. Failures are logged and do not stop the repetition. */
import type { Logger } from 'pino';

/**
 * Closed, before `open` and after `close`: no timer. Open: the timer is set. In both states at most one run is under way (`#running`);
 * a tick or a `now` during a run is skipped, and `close` waits for the run. It can be opened again.
 */
export class Repeating {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly intervalMs: number,
    private readonly act: () => Promise<void>,
    /** Completes the log message of a failure: could not … */
    private readonly what: string,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.#timer = setInterval(() => this.now(), this.intervalMs);
  }

  /** Runs between two ticks. */
  now(): void {
    this.#running ??= this.act()
      .catch((error) => this.logger.error({ err: error }, `could not ${this.what}`))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
