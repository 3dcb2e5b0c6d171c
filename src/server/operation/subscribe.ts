/**
 * Subscribes for WebSocket and SSE. Sends the results itself: graphql-ws and graphql-sse would serialise each of them again for every
 * subscriber. They start and end the subscription, and see only its end.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import { eventExecution } from './event-execution.js';
import type { PacedArgs } from './execute.js';

/** @returns an iterator that sends the results of all events while its first `next` is pending */
export async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<never>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]() as AsyncIterator<object>;
  const { outlet, logged } = args as PacedArgs;
  const execute = eventExecution(args);
  // The arguments live as long as the subscription: release what its start has read.
  (args as PacedArgs).contextValue = undefined;
  let isEnded = false;

  const sendAll = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return;
      const execution = execute(value);
      const json = isPromise(execution) ? await execution : execution;
      // The client may have unsubscribed while this was waiting.
      await outlet.sendEvent(() => (isEnded ? undefined : json(logged)));
    }
  };
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    isEnded = true;
    await events.return?.();
    return { done: true, value: undefined };
  };
  const results: AsyncIterableIterator<never> = {
    async next() {
      try {
        await sendAll();
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
