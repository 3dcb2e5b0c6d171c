/** Asks a ComfyUI until it answers, and tells once when it stops answering and once when it answers again. */

import { UnreachableError } from '../protocol/errors.js';
import { backoffMs, type RetryDelays, sleep } from './backoff.js';

export type OutageEvent = { type: 'unreachable'; reason: string } | { type: 'reachable' };

export class Outage {
  #failures = 0;
  /** Whether it ever gave no answer. */
  wasAway = false;

  constructor(
    private readonly signal: AbortSignal,
    private readonly delays: RetryDelays,
    private readonly tell: (event: OutageEvent) => void = () => undefined,
  ) {}

  /** The answer, however long it takes; throws the signal's reason, and what is not an UnreachableError. */
  async outlast<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await ask();
        this.over();
        return answer;
      } catch (error) {
        await this.wait(error);
      }
    }
  }

  /** Waits before the next try, the longer the more failed in a row. Throws what is not worth one. */
  async wait(error: unknown): Promise<void> {
    this.signal.throwIfAborted();
    if (!(error instanceof UnreachableError)) throw error;
    this.#failures += 1;
    this.wasAway = true;
    if (this.#failures === 1) this.tell({ type: 'unreachable', reason: error.message });
    await sleep(backoffMs(this.#failures, this.delays), this.signal);
  }

  over(): void {
    if (this.#failures > 0) this.tell({ type: 'reachable' });
    this.#failures = 0;
  }
}
