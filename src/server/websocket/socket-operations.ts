/**
 * The operations of one socket, by the ids that its client gives them. A client may use an id again as soon as it has completed it,
 * while what the id stood for is still being wound up: that would answer under the id of the new operation, and end it. So the new one
 * waits until the old one is gone.
 *
 * Few are answered at once: what one that does not read is answered is kept for it, and the next is not even begun.
 */
import { type Message, MessageType } from 'graphql-ws';
import { Turns } from '../../limits/semaphore.js';
import { MAX_ANSWERS, MAX_OPERATION_BYTES, MAX_OPERATIONS } from '../operation/document-limits.js';

export type OperationsOptions = {
  /** Hands a message on, as it came. Never rejects. */
  deliver: (text: string) => Promise<void>;
  /** The same for one that begins an operation; resolves when that is over. Never rejects. */
  run: (id: string, text: string) => Promise<void>;
  /** Told of each that is over, and whether its client had completed it. */
  onEnd: (id: string, isCompleted: boolean) => void;
  /** Told of a second operation under an id that is in use. */
  refuse: (id: string) => void;
  /** Told of one more than may run at once, and of what there would be too much. */
  refuseMore: (id: string, limit: number, what: string) => void;
};

type Running = { isCompleted: boolean; next?: string; leave?: () => void };

export class Operations {
  readonly #running = new Map<string, Running>();
  readonly #turns = new Turns(MAX_ANSWERS);
  /** Of the messages that began what runs, or waits for its turn. */
  #bytes = 0;

  constructor(private readonly options: OperationsOptions) {}

  /** It goes on until it is ended, and sends no faster than it is read: others need not wait for that. */
  isWatching(id: string): void {
    this.#running.get(id)?.leave?.();
  }

  /** @param text what the message was read from: handed on as it came */
  take(message: Message, text: string): void {
    switch (message.type) {
      case MessageType.Subscribe:
        this.#subscribe(message.id, text);
        break;
      case MessageType.Complete:
        this.#complete(message.id, text);
        break;
      default:
        void this.options.deliver(text);
    }
  }

  #subscribe(id: string, text: string): void {
    const running = this.#running.get(id);
    if (running && (!running.isCompleted || running.next !== undefined)) this.options.refuse(id);
    else if (!running && this.#running.size >= MAX_OPERATIONS)
      this.options.refuseMore(id, MAX_OPERATIONS, `${MAX_OPERATIONS} operations`);
    else if (this.#bytes + text.length > MAX_OPERATION_BYTES)
      this.options.refuseMore(id, MAX_OPERATION_BYTES, `Operations of ${this.#bytes} bytes`);
    else {
      this.#bytes += text.length;
      if (running) running.next = text;
      else void this.#run(id, text);
    }
  }

  #complete(id: string, text: string): void {
    const running = this.#running.get(id);
    if (running?.next !== undefined) {
      // One that has not begun is simply forgotten.
      this.#bytes -= running.next.length;
      delete running.next;
    } else if (running) {
      running.isCompleted = true;
      void this.options.deliver(text);
    }
  }

  async #run(id: string, first: string): Promise<void> {
    let text: string | undefined = first;
    while (text !== undefined) {
      const running: Running = { isCompleted: false };
      this.#running.set(id, running);
      running.leave = await this.#turns.take();
      // It may have been completed before its turn came.
      if (!running.isCompleted) await this.options.run(id, text);
      running.leave();
      this.#bytes -= text.length;
      this.options.onEnd(id, running.isCompleted);
      text = running.next;
    }
    this.#running.delete(id);
  }
}
