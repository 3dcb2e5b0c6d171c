/** Limits how many things one user, or one address, has at once. */
export class ConcurrencyLimit {
  readonly #counts = new Map<string, number>();
  /** Of all users, or all addresses. */
  total = 0;

  constructor(readonly limit: number) {}

  /** @returns a function that releases the slot, to be called once; undefined at the limit */
  acquire(key: string): (() => void) | undefined {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.limit) return undefined;
    this.#counts.set(key, count + 1);
    this.total += 1;
    return () => this.#release(key);
  }

  #release(key: string): void {
    this.total -= 1;
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

/** Open sockets and streams together. */
export type ConnectionLimits = { perUser: ConcurrencyLimit; perAddress: ConcurrencyLimit };
