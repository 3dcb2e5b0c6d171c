/**
 * The operations of one socket, by the ids that its client gives them. A client may use an id again as soon as it has completed it,
 * while what the id stood for is still being wound up: that would answer under the id of the new operation, and end it. So the new one
 * waits until the old one is gone.
 */
import { type Message, MessageType } from 'graphql-ws';
import { MAX_OPERATIONS } from './limits.js';

/** Hands a message on; resolves once nothing more comes of it: for a subscribe, when the operation is over. Never rejects. */
type Deliver = (text: string) => Promise<void>;

type Running = { isCompleted: boolean; next?: string };

export class Operations {
  readonly #running = new Map<string, Running>();

  constructor(
    private readonly deliver: Deliver,
    /** Told of a second operation under an id that is in use. */
    private readonly refuse: (id: string) => void,
    /** Told of one more than may run at once. */
    private readonly refuseMore: (id: string) => void,
  ) {}

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
        void this.deliver(text);
    }
  }

  #subscribe(id: string, text: string): void {
    const running = this.#running.get(id);
    if (!running && this.#running.size >= MAX_OPERATIONS) this.refuseMore(id);
    else if (!running) void this.#run(id, text);
    else if (running.isCompleted && running.next === undefined) running.next = text;
    else this.refuse(id);
  }

  #complete(id: string, text: string): void {
    const running = this.#running.get(id);
    if (running?.next !== undefined) {
      // One that has not begun is simply forgotten.
      delete running.next;
    } else if (running) {
      running.isCompleted = true;
      void this.deliver(text);
    }
  }

  async #run(id: string, first: string): Promise<void> {
    let text: string | undefined = first;
    while (text !== undefined) {
      const running: Running = { isCompleted: false };
      this.#running.set(id, running);
      await this.deliver(text);
      text = running.next;
    }
    this.#running.delete(id);
  }
}
