/** Executes queries and mutations for WebSocket and SSE, no faster than their client reads. */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { execute as executeOnce } from '../executor/execute.js';
import type { LoggedOperation } from './operation-log.js';

/** How the results of one operation reach its client. */
export type Outlet = {
  /** Resolves when the client can take one more response: the JSON may be much longer than the rows it was made from. */
  room(): Promise<void>;
  /**
   * Sends the result of an event when the client can take it, after those that wait already. Makes the JSON only then; sends nothing for
   * undefined. Resolves when the JSON is handed to the network, and is undefined if it is already: a sender that awaits it is no faster than
   * the client.
   */
  sendEvent(json: () => string | undefined): Promise<void> | undefined;
};

/** What `Pipeline.prepare` returns. graphql-ws and graphql-sse pass it on, typed as ExecutionArgs. */
export type PacedArgs = ExecutionArgs & { outlet: Outlet; logged: LoggedOperation };

export async function execute(args: ExecutionArgs): Promise<ExecutionResult> {
  const result = await executeOnce(args);
  await (args as PacedArgs).outlet.room();
  return result;
}
