/**
 * A queue that keeps the newest value of each key: a newer value replaces an unread one. A slow or stopped reader needs no more memory than
 * a fast one.
 */
export class LatestQueue<Key, Unread, Value> implements AsyncIterableIterator<Value> {
  readonly #unread = new Map<Key, Unread>();
  /** Called once, at the next change. */
  readonly #waiting: (() => void)[] = [];
  #isEnded = false;

  constructor(
    /** Called once: when the queue ends, or when the reader leaves. */
    private readonly onEnd: () => void,
    /** Makes the value that the reader receives, at the moment it is read. `next` is the oldest unread value that remains. */
    private readonly onRead: (value: Unread, next: Unread | undefined) => Value,
    /** Combines an unread value with a newer one of the same key. */
    private readonly merge: (unread: Unread, newer: Unread) => Unread = (_, newer) => newer,
  ) {}

  /** No value follows the unread ones. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

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

  /** Takes the oldest unread value; undefined if there is none. */
  take(): Value | undefined {
    const oldest = this.#unread.entries().next().value;
    if (!oldest) return undefined;
    const [key, value] = oldest;
    this.#unread.delete(key);
    return this.onRead(value, this.#unread.values().next().value);
  }

  /** Calls `read` once, soon after the next value or the end. It must not throw. */
  onChange(read: () => void): void {
    this.#waiting.push(read);
  }

  async next(): Promise<IteratorResult<Value, undefined>> {
    for (;;) {
      const value = this.take();
      if (value !== undefined) return { done: false, value };
      if (this.#isEnded) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.onChange(resolve));
    }
  }

  /** The reader leaves: a pending `next()` completes. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#unread.clear();
    this.end();
    return { done: true, value: undefined };
  }

  #wake(): void {
    for (const read of this.#waiting) callSoon(read);
    this.#waiting.length = 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What reads soon. One microtask serves all: a promise for each of many readers is costly. */
let readers: (() => void)[] = [];

function callSoon(read: () => void): void {
  if (readers.length === 0) void Promise.resolve().then(callReaders);
  readers.push(read);
}

function callReaders(): void {
  const all = readers;
  readers = [];
  for (const read of all) read();
}
