/** A queue between a writer and a slow reader, in bounded memory: an item replaces a waiting item of the same kind. */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #end: { error: unknown } | 'done' | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param kindOf names items that replace each other; undefined for an item that must not be replaced.
   * @param limit how many items may wait; above it the oldest is dropped.
   */
  constructor(
    private readonly kindOf: (item: T) => string | undefined,
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  push(item: T): void {
    if (this.#end) return;
    const kind = this.kindOf(item);
    const older = kind === undefined ? -1 : this.#waiting.findIndex((other) => this.kindOf(other) === kind);
    if (older >= 0) this.#waiting.splice(older, 1);
    this.#waiting.push(item);
    if (this.#waiting.length > this.limit) this.#waiting.shift();
    this.#wake?.();
  }

  /** The reader gets the waiting items, then the end. */
  end(): void {
    this.#end ??= 'done';
    this.#wake?.();
  }

  /** The reader gets the error next, ahead of waiting items. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      if (typeof this.#end === 'object') throw this.#end.error;
      const [item] = this.#waiting.splice(0, 1);
      if (item !== undefined) yield item;
      else if (this.#end) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
