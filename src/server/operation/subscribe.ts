/**
 * Subscribes for WebSocket and SSE. Sends the results itself: graphql-ws and graphql-sse would serialise each of them again for every
 * subscriber. They start and end the subscription, and see only its end.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import type { LatestQueue } from '../../generations/live/latest-queue.js';
import { type EventJson, eventExecution } from './event-execution.js';
import type { PacedArgs } from './execute.js';

/** @returns an iterator that sends the results of all events while its first `next` is pending */
export async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<never>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  // What each subscription of the schema returns.
  const events = source as LatestQueue<unknown, unknown, object>;
  const { outlet, logged } = args as PacedArgs;
  const execute = eventExecution(args);
  // The arguments live as long as the subscription: release what its start has read.
  (args as PacedArgs).contextValue = undefined;
  const sent = Promise.withResolvers<void>();
  let isEnded = false;

  // The client may have unsubscribed while this was waiting.
  const send = (json: EventJson) => outlet.sendEvent(() => (isEnded ? undefined : json(logged)));

  /** Waits for nothing while reads are not needed and the client reads: a promise for each of many subscribers is costly. */
  const sendAll = (): void => {
    try {
      for (let event = events.take(); event !== undefined; event = events.take()) {
        const execution = execute(event);
        const sending = isPromise(execution) ? execution.then(send) : send(execution);
        if (sending) return void sending.then(sendAll, sent.reject);
      }
      if (events.isEnded) sent.resolve();
      else events.onChange(sendAll);
    } catch (error) {
      sent.reject(error);
    }
  };
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    isEnded = true;
    await events.return();
    return { done: true, value: undefined };
  };
  const results: AsyncIterableIterator<never> = {
    async next() {
      sendAll();
      try {
        await sent.promise;
        return { done: true, value: undefined };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    // graphql-sse ends only iterators that have `throw`.
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
