/** So many at once, and so many a second after that: a bucket that fills again. */
export class Allowance {
  #left: number;
  #at = performance.now();

  constructor(private readonly limit: { burst: number; perSecond: number }) {
    this.#left = limit.burst;
  }

  /** False where there is nothing left. */
  take(): boolean {
    const { burst, perSecond } = this.limit;
    const now = performance.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
