/** Token bucket: a burst, then a steady rate. */
export class TokenBucket {
  #tokens: number;
  #filledAt = performance.now();

  constructor(private readonly limit: { burst: number; perSecond: number }) {
    this.#tokens = limit.burst;
  }

  /** @returns false if the bucket is empty */
  take(): boolean {
    const { burst, perSecond } = this.limit;
    const now = performance.now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
