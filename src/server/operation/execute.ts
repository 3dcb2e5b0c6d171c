/**
 * Executes as graphql-js does, at the pace of the reader, and gives every event of a subscription a context of its own: one that lived as
 * long as the subscription would serve its first rows for ever.
 */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute as executeAtOnce } from 'graphql';
import { type Context, createContext } from '../../api/context.js';

type PacedArgs = ExecutionArgs & {
  /** Resolves when there is a point in writing down one more answer: it may be much longer than what it was made of. */
  room: () => Promise<void>;
};

export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await executeAtOnce(args);
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
  let isLeft = false;
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      const contextValue = createContext(services, viewer, requestId, address);
      const value = await executeAtOnce({ ...args, rootValue: event.value, contextValue });
      await room();
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

/** graphql-ws and graphql-sse hand on what they were given, and know it as ExecutionArgs. */
const roomOf = (args: ExecutionArgs) => (args as PacedArgs).room;
