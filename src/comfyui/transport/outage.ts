/** Retries requests while ComfyUI is unreachable, and emits when an outage begins and when it ends. */
import { UnreachableError } from '../protocol/errors.js';
import { backoffMs, type RetryDelays, sleep } from './backoff.js';

export type OutageEvent = { type: 'unreachable'; reason: string } | { type: 'reachable' };

export class Outage {
  #failures = 0;
  /** Whether there was an outage since this object was created. */
  hasOccurred = false;

  constructor(
    private readonly signal: AbortSignal,
    private readonly delays: RetryDelays,
    private readonly emit: (event: OutageEvent) => void = () => undefined,
  ) {}

  /** Retries until the request succeeds. @throws the signal's reason, and any error but UnreachableError */
  async outlast<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const response = await request();
        this.end();
        return response;
      } catch (error) {
        await this.wait(error);
      }
    }
  }

  /** Waits before the next try; longer after each failure in a row. @throws the signal's reason, and any error but UnreachableError */
  async wait(error: unknown): Promise<void> {
    this.signal.throwIfAborted();
    if (!(error instanceof UnreachableError)) throw error;
    this.#failures += 1;
    this.hasOccurred = true;
    if (this.#failures === 1) this.emit({ type: 'unreachable', reason: error.message });
    await sleep(backoffMs(this.#failures, this.delays), this.signal);
  }

  end(): void {
    if (this.#failures > 0) this.emit({ type: 'reachable' });
    this.#failures = 0;
  }
}
