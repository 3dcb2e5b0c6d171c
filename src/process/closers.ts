/** Remembers how to close what was opened, and does it last-in first-out. Closing twice is closing once. */
import type { Logger } from 'pino';

type Closable = { close(): Promise<void> };

export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(private readonly logger: Logger) {}

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Waits for it, opens it where that is a step of its own, and remembers to close it. */
  async open<T extends Closable & { open?(): void | Promise<void> }>(opening: T | Promise<T>): Promise<T> {
    const opened = await opening;
    this.add(() => opened.close());
    await opened.open?.();
    return opened;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** One that cannot be closed keeps nothing else open. */
  async #closeAll(): Promise<void> {
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.logger.error({ err: error }, 'something could not be closed');
      }
    }
  }
}
