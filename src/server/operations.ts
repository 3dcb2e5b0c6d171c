/**
 * The operations of one socket, by the ids that its client gives them. A client may use an id again as soon as it has completed it,
 * while what the id stood for is still being wound up: that would answer under the id of the new operation, and end it. So the new one
 * waits until the old one is gone.
 */
import { type Message, MessageType } from 'graphql-ws';
import { MAX_OPERATIONS } from './limits.js';

export type OperationsOptions = {
  /** Hands a message on, as it came. Never rejects. */
  deliver: (text: string) => Promise<void>;
  /** The same for one that begins an operation; resolves when that is over. Never rejects. */
  run: (id: string, text: string) => Promise<void>;
  /** Told of each that is over, and whether its client had completed it. */
  onEnd: (id: string, isCompleted: boolean) => void;
  /** Told of a second operation under an id that is in use. */
  refuse: (id: string) => void;
  /** Told of one more than may run at once. */
  refuseMore: (id: string) => void;
};

type Running = { isCompleted: boolean; next?: string };

export class Operations {
  readonly #running = new Map<string, Running>();

  constructor(private readonly options: OperationsOptions) {}

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
    if (!running && this.#running.size >= MAX_OPERATIONS) this.options.refuseMore(id);
    else if (!running) void this.#run(id, text);
    else if (running.isCompleted && running.next === undefined) running.next = text;
    else this.options.refuse(id);
  }

  #complete(id: string, text: string): void {
    const running = this.#running.get(id);
    if (running?.next !== undefined) {
      // One that has not begun is simply forgotten.
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
      await this.options.run(id, text);
      this.options.onEnd(id, running.isCompleted);
      text = running.next;
    }
    this.#running.delete(id);
  }
}
