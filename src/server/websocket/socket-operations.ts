/**
 * The operations of one socket, by the ids that its client chooses. A client may reuse the id of an operation as soon as it has completed
 * it, while the server is still ending it. The client would then receive the last results of the old operation as results of the new one.
 * So the new operation waits until the old one has ended.
 *
 * Few queries and mutations run at once, because each response stays in memory until the client reads it.
 */
import { type Message, MessageType } from 'graphql-ws';
import { Semaphore } from '../../limits/semaphore.js';
import { MAX_CONCURRENT_RESPONSES, MAX_OPERATION_BYTES, MAX_OPERATIONS } from '../operation/document-limits.js';

type SocketOperationsOptions = {
  /** Passes a message to graphql-ws. Never rejects. */
  deliver: (text: string) => Promise<void>;
  /** Passes the message that starts an operation to graphql-ws; resolves when the operation has ended. Never rejects. */
  run: (id: string, text: string) => Promise<void>;
  onEnd: (id: string, isCompletedByClient: boolean) => void;
  /** Called for a second operation under an id that is in use. */
  onDuplicate: (id: string) => void;
  /** Called for an operation above a limit. */
  onLimit: (id: string, limit: number, what: string) => void;
};

type RunningOperation = { isCompleted: boolean; next?: string; releaseSlot?: () => void };

export class SocketOperations {
  readonly #running = new Map<string, RunningOperation>();
  readonly #slots = new Semaphore(MAX_CONCURRENT_RESPONSES);
  /** Characters of the messages that started running and waiting operations. */
  #bytes = 0;

  constructor(private readonly options: SocketOperationsOptions) {}

  /** A subscription keeps no slot: it runs until it is ended, and sends no faster than the client reads. */
  markSubscription(id: string): void {
    this.#running.get(id)?.releaseSlot?.();
  }

  /** @param text the message as it was received */
  handle(message: Message, text: string): void {
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
    if (running && (!running.isCompleted || running.next !== undefined)) this.options.onDuplicate(id);
    else if (!running && this.#running.size >= MAX_OPERATIONS)
      this.options.onLimit(id, MAX_OPERATIONS, `${MAX_OPERATIONS} operations`);
    else if (this.#bytes + text.length > MAX_OPERATION_BYTES)
      this.options.onLimit(id, MAX_OPERATION_BYTES, `Operations of ${this.#bytes} bytes`);
    else {
      this.#bytes += text.length;
      if (running) running.next = text;
      else void this.#run(id, text);
    }
  }

  #complete(id: string, text: string): void {
    const running = this.#running.get(id);
    if (running?.next !== undefined) {
      // The operation has not started: nothing to end.
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
      const running: RunningOperation = { isCompleted: false };
      this.#running.set(id, running);
      running.releaseSlot = await this.#slots.acquire();
      // The client may have completed it while it waited for a slot.
      if (!running.isCompleted) await this.options.run(id, text);
      running.releaseSlot();
      this.#bytes -= text.length;
      this.options.onEnd(id, running.isCompleted);
      text = running.next;
    }
    this.#running.delete(id);
  }
}
