/** Writes one stream of server-sent events, no faster than the client reads. `sse.ts` produces the events. */
import type { Response } from 'express';
import type { Outlet } from '../operation/execute.js';
import type { OperationEnd } from '../operation/operation-log.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would buffer the events.
  'x-accel-buffering': 'no',
  // No request can follow a stream that does not end, and a shutdown closes the connection with the stream.
  connection: 'close',
};

export class EventStream implements Outlet {
  #events: AsyncGenerator<string> | undefined;
  readonly #started = Promise.withResolvers<void>();
  #isEndedByServer = false;

  constructor(private readonly response: Response) {}

  /** Resolves with how the stream ended. Rejects with the error that `events` throws. */
  async write(events: AsyncGenerator<string>): Promise<OperationEnd> {
    const { response } = this;
    let isClosed = false;
    this.#events = events;
    response.once('close', () => {
      isClosed = true;
      void events.return(undefined);
    });
    response.writeHead(200, HEADERS);
    this.#started.resolve();
    for await (const event of events) {
      // The response may have closed before the listener was added.
      if (!response.writable) break;
      response.write(event);
      await this.room();
    }
    response.end();
    if (this.#isEndedByServer) return { outcome: 'closed' };
    return { outcome: isClosed ? 'left' : 'completed' };
  }

  /** Resolves when the client has read what was written, or has disconnected. */
  async room(): Promise<void> {
    // An event that was yielded just before is written by then.
    await new Promise(setImmediate);
    const { response } = this;
    if (!response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const proceed = () => {
        response.off('drain', proceed).off('close', proceed);
        resolve();
      };
      response.on('drain', proceed).on('close', proceed);
    });
  }

  async sendEvent(json: () => string | undefined): Promise<void> {
    await this.#started.promise;
    await this.room();
    const data = json();
    if (data !== undefined && this.response.writable) this.response.write(`event: next\ndata: ${data}\n\n`);
  }

  /** Ends the stream before it is complete: clients reconnect. The reason is a comment, which clients ignore and people read. */
  end(reason: string): void {
    this.#isEndedByServer = true;
    if (this.response.writable) this.response.end(`: ${reason}\n\n`);
    void this.#events?.return(undefined);
  }
}
