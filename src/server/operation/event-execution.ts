/**
 * Executes the events of subscriptions. A source delivers the same object to all who watch the same thing: it is executed and serialised once
 * for all of them who have the same operation, variables and caller.
 */
import { type ExecutionArgs, type ExecutionResult, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import type { Context } from '../../api/context.js';
import { type Execute, prepare } from '../executor/execute.js';
import type { LoggedOperation } from './operation-log.js';

/** The JSON of a result. Errors are masked for each subscriber: they name its request, and are in its log. */
export type EventJson = (logged: LoggedOperation) => string;

/** Known at once unless the result needs a read: a promise for each of many subscribers is costly. */
export type Execution = EventJson | Promise<EventJson>;

/** By the event, and by what else the result depends on. An event must not change once it is delivered. */
const executions = new WeakMap<object, Map<string, Execution>>();

/** Equal texts mostly have the same document, and with it the same operation. */
const operationIds = new WeakMap<OperationDefinitionNode, number>();
let operations = 0;

/** @returns a function that executes an event for the subscriber */
export function eventExecution(args: ExecutionArgs): (event: object) => Execution {
  const { schema, document, operationName, variableValues } = args;
  const { renew, viewer, address } = args.contextValue as Context;
  // All that the context of an event is made of, but for the request's id, which no resolver reads.
  const key = JSON.stringify([idOf(document, operationName), variableValues ?? null, viewer ?? null, address]);
  // Prepared for the first event: most subscribers share the execution of another, or wait for long.
  let execute: Execute | undefined;
  const executeOnce = (event: object): Execution => {
    execute ??= prepare({ schema, document, operationName, variableValues });
    // Every event needs its own context: the identity map and the loaders of another would return the rows of that event.
    const result = execute(event, renew(viewer));
    return isPromise(result) ? result.then(jsonOf) : jsonOf(result);
  };
  return (event) => {
    const known = executions.get(event) ?? new Map<string, Execution>();
    const execution = known.get(key) ?? executeOnce(event);
    if (known.size === 0) executions.set(event, known);
    known.set(key, execution);
    return execution;
  };
}

function jsonOf(result: ExecutionResult): EventJson {
  if (result.errors) return (logged) => JSON.stringify(logged.maskResult(result));
  let json: string | undefined;
  return () => {
    json ??= JSON.stringify(result);
    return json;
  };
}

function idOf(document: ExecutionArgs['document'], operationName: string | null | undefined): number {
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('The pipeline has not chosen an operation');
  const id = operationIds.get(operation) ?? operations++;
  operationIds.set(operation, id);
  return id;
}
