/**
 * A queue that keeps the newest value of each key: a newer value replaces an unread one. A slow or stopped reader needs no more memory than
 * a fast one.
 */
export class LatestQueue<Key, Unread, Value> implements AsyncIterableIterator<Value> {
  readonly #unread = new Map<Key, Unread>();
  /** Set while a reader waits: an idle queue holds as little as possible. */
  #change: PromiseWithResolvers<void> | undefined;
  #isEnded = false;

  constructor(
    /** Called once: when the queue ends, or when the reader leaves. */
    private readonly onEnd: () => void,
    /** Makes the value that the reader receives, at the moment it is read. `next` is the oldest unread value that remains. */
    private readonly onRead: (value: Unread, next: Unread | undefined) => Value,
    /** Combines an unread value with a newer one of the same key. */
    private readonly merge: (unread: Unread, newer: Unread) => Unread = (_, newer) => newer,
  ) {}

  offer(key: Key, value: Unread): void {
    if (this.#isEnded) return;
    const unread = this.#unread.get(key);
    this.#unread.set(key, unread === undefined ? value : this.merge(unread, value));
    this.#wake();
  }

  /** Delivers the unread values, then completes. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#wake();
    this.onEnd();
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    for (;;) {
      for (const [key, value] of this.#unread) {
        this.#unread.delete(key);
        const [next] = this.#unread.values();
        return { done: false, value: this.onRead(value, next) };
      }
      if (this.#isEnded) return { done: true, value: undefined };
      this.#change ??= Promise.withResolvers();
      await this.#change.promise;
    }
  }

  /** The reader leaves: a pending `next()` completes. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#unread.clear();
    this.end();
    return { done: true, value: undefined };
  }

  #wake(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
