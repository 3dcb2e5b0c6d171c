/**
 * A queue of at most one value for each key: a newer one takes the place of one that nobody has fetched yet. A reader that is slow, or
 * has stopped, costs no more than one that is not.
 */
export class LatestQueue<Key, Value> implements AsyncIterableIterator<Value> {
  readonly #waiting = new Map<Key, Value>();
  #wake: (() => void) | undefined;
  #isEnded = false;

  constructor(
    private readonly onReturn: () => void,
    /** What the reader gets when a newer value meets one that it has not fetched. */
    private readonly merge: (waiting: Value, newer: Value) => Value = (_, newer) => newer,
  ) {}

  offer(key: Key, value: Value): void {
    if (this.#isEnded) return;
    const waiting = this.#waiting.get(key);
    this.#waiting.set(key, waiting === undefined ? value : this.merge(waiting, value));
    this.#wake?.();
  }

  /** What waits is still delivered, then the reader is done. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    for (;;) {
      for (const [key, value] of this.#waiting) {
        this.#waiting.delete(key);
        return { done: false, value };
      }
      if (this.#isEnded) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Called when the reader goes away, also while it waits: it is woken, and done. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#waiting.clear();
    this.end();
    this.onReturn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
