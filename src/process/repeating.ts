/** Does something again and again, once at a time. What goes wrong is logged, and ends nothing. */
import type { Logger } from 'pino';

export class Repeating {
  #timer: NodeJS.Timeout | undefined;
  #doing: Promise<void> | undefined;

  constructor(
    private readonly everyMs: number,
    private readonly act: () => Promise<void>,
    /** Begins the sentence of the log where it goes wrong: could not … */
    private readonly what: string,
    private readonly logger: Logger,
  ) {}

  open(): void {
    this.#timer = setInterval(() => this.now(), this.everyMs);
  }

  /** Also between two times. Nothing, while it is being done. */
  now(): void {
    this.#doing ??= this.act()
      .catch((error) => this.logger.error({ err: error }, `could not ${this.what}`))
      .finally(() => {
        this.#doing = undefined;
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#doing;
  }
}
