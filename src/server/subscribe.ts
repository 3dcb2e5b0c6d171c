/**
 * Subscribes as graphql-js does, but gives every event a context of its own: one that lived as long as the subscription would serve its
 * first rows for ever.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { type Context, createContext } from '../graphql/context.js';

export async function subscribe(
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const { viewer, requestId, address, ...services } = args.contextValue as Context;
  let isLeft = false;
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      const contextValue = createContext(services, viewer, requestId, address);
      const value = await execute({ ...args, rootValue: event.value, contextValue });
      // Nothing is told to whoever has left meanwhile.
      return isLeft ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      isLeft = true;
      await events.return?.();
      return { done: true, value: undefined };
    },
    // graphql-sse ends only what has it.
    async throw(error) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
