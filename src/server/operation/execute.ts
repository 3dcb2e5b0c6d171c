/**
 * Executes for WebSocket and SSE, with two additions: it waits until the client has read enough, and it creates a context for every event of a
 * subscription, because the identity map and the loaders of one context would return the rows of its first event for ever.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { type Context, createContext } from '../../api/context.js';
import { execute as executeOnce } from '../executor/execute.js';

export type PacedArgs = ExecutionArgs & {
  /** Resolves when the client can take one more response: the JSON may be much longer than the rows it was made from. */
  room: () => Promise<void>;
};

export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await executeOnce(args);
  await roomOf(args)();
  return result;
}

export async function subscribe(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const room = roomOf(args);
  const { viewer, requestId, address, ...services } = args.contextValue as Context;
  let isEnded = false;
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      const contextValue = createContext(services, viewer, requestId, address);
      const value = await executeOnce({ ...args, rootValue: event.value, contextValue });
      await room();
      // The client may have unsubscribed while this was waiting.
      return isEnded ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      isEnded = true;
      await events.return?.();
      return { done: true, value: undefined };
    },
    // graphql-sse ends only iterators that have `throw`.
    async throw(error) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

/** graphql-ws and graphql-sse pass on the arguments that `Pipeline.prepare` returned, typed as ExecutionArgs. */
const roomOf = (args: ExecutionArgs) => (args as PacedArgs).room;
