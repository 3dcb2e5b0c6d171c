/** Carries one stream of server-sent events, no faster than it is read. What is in it is `sse.ts`'s. */
import type { Response } from 'express';
import type { Ending } from '../operation/operation-log.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would collect it.
  'x-accel-buffering': 'no',
  // What follows an endless answer? With it ends its connection, also when the server goes.
  connection: 'close',
};

export class EventStream {
  #events: AsyncGenerator<string> | undefined;
  #isEnded = false;

  constructor(private readonly response: Response) {}

  /** Resolves when the stream is over, with who ended it. Rejects with what the events are broken by. */
  async carry(events: AsyncGenerator<string>): Promise<Ending> {
    const { response } = this;
    let isLeft = false;
    this.#events = events;
    response.once('close', () => {
      isLeft = true;
      void events.return(undefined);
    });
    response.writeHead(200, HEADERS);
    for await (const event of events) {
      // It may have closed before anyone listened.
      if (!response.writable) break;
      response.write(event);
      await this.room();
    }
    response.end();
    if (this.#isEnded) return { outcome: 'closed' };
    return { outcome: isLeft ? 'left' : 'completed' };
  }

  /** Resolves when the reader has taken what was written: until then there is no point in the next event. */
  async room(): Promise<void> {
    // What was handed over just before is written by then.
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

  /** Ends it before it is complete: clients come back. The reason is a comment, which programs pass over and people read. */
  end(reason: string): void {
    this.#isEnded = true;
    if (this.response.writable) this.response.end(`: ${reason}\n\n`);
    void this.#events?.return(undefined);
  }
}
