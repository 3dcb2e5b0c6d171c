/** Closes everything that was opened, last in first out. Closing is idempotent. */
import type { Logger } from 'pino';

type Closable = { close(): Promise<void> };

export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(private readonly logger: Logger) {}

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Awaits a resource, opens it if it has an `open`, and registers its `close`. */
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

  /** A failure does not keep the rest open. */
  async #closeAll(): Promise<void> {
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.logger.error({ err: error }, 'could not close a resource');
      }
    }
  }
}
