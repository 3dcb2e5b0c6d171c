/**
 * A queue of at most one value for each key: a newer one takes the place of one that nobody has fetched yet. A reader that is slow, or
 * has stopped, costs no more than one that is not.
 */
export class LatestQueue<Key, Value> implements AsyncIterableIterator<Value> {
  readonly #waiting = new Map<Key, Value>();
  #news = Promise.withResolvers<void>();
  #isEnded = false;

  constructor(
    /** Called once, when nothing more can be offered: at its end, or when the reader goes away. */
    private readonly onEnd: () => void,
    /** What the reader gets when a newer value meets one that it has not fetched. */
    private readonly merge: (waiting: Value, newer: Value) => Value = (_, newer) => newer,
    /** Called at the moment at which a value is fetched, with the one that has waited longest behind it. */
    private readonly onFetch: (value: Value, next: Value | undefined) => Value = (value) => value,
  ) {}

  offer(key: Key, value: Value): void {
    if (this.#isEnded) return;
    const waiting = this.#waiting.get(key);
    this.#waiting.set(key, waiting === undefined ? value : this.merge(waiting, value));
    this.#ring();
  }

  /** What waits is still delivered, then the reader is done. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#ring();
    this.onEnd();
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    for (;;) {
      for (const [key, value] of this.#waiting) {
        this.#waiting.delete(key);
        const [next] = this.#waiting.values();
        return { done: false, value: this.onFetch(value, next) };
      }
      if (this.#isEnded) return { done: true, value: undefined };
      await this.#news.promise;
    }
  }

  /** Called when the reader goes away, also while it waits: it is woken, and done. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#waiting.clear();
    this.end();
    return { done: true, value: undefined };
  }

  #ring(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
