/**
 * Executes operations as graphql-js does, to the letter, with a plan that is kept as long as the document is. graphql-js still coerces
 * variables and arguments, collects fields, and creates the source stream of a subscription.
 */
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql';
import { buildExecutionContext } from 'graphql/execution/execute.js';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import { executeFields, executeSerially } from './fields.js';
import { planRoot, type Run, type Selection } from './plan.js';

/** Plans of one operation: its conditions have few combinations of values that anybody uses. */
const MAX_PLANS = 8;

type Planned = {
  schema: GraphQLSchema;
  /** The variables of `@skip` and `@include`. */
  conditions: readonly string[];
  /** By the values of the conditions. */
  plans: Map<string, Selection>;
};

/** A plan lives as long as the document that its operation is part of. */
const planned = new WeakMap<OperationDefinitionNode, Planned>();

/** Executes one operation for a root value and a context, any number of times. */
export type Execute = (rootValue: unknown, contextValue: unknown) => ExecutionResult | Promise<ExecutionResult>;

/** @param args of a valid document */
export const execute = (args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> =>
  prepare(args)(args.rootValue, args.contextValue);

/** Coerces the variables, once for all executions. @param args of a valid document */
export function prepare(args: Omit<ExecutionArgs, 'rootValue' | 'contextValue'>): Execute {
  const prepared = buildExecutionContext(args);
  if (!('schema' in prepared)) return () => ({ errors: prepared });
  const Errors = prepared.collectedErrors.constructor as new () => Run['collectedErrors'];
  let selection: Selection | undefined;
  return (rootValue, contextValue) => {
    const run = { ...prepared, rootValue, contextValue, collectedErrors: new Errors() };
    const respond = (data: unknown): ExecutionResult => {
      const { errors } = run.collectedErrors;
      return { ...(errors.length > 0 && { errors }), data: data as Data };
    };
    const fail = (error: GraphQLError): ExecutionResult => {
      run.collectedErrors.add(error, undefined);
      return respond(null);
    };
    try {
      selection ??= planOf(run);
      const isMutation = run.operation.operation === OperationTypeNode.MUTATION;
      const data = isMutation
        ? executeSerially(run, selection, rootValue)
        : executeFields(run, selection, rootValue, undefined);
      return isPromise(data) ? data.then(respond, fail) : respond(data);
    } catch (error) {
      return fail(error as GraphQLError);
    }
  };
}

type Data = NonNullable<ExecutionResult['data']> | null;

function planOf(run: Run): Selection {
  const { schema, operation, variableValues } = run;
  const type = schema.getRootType(operation.operation);
  if (!type)
    throw new GraphQLError(`Schema is not configured to execute ${operation.operation} operation.`, {
      nodes: operation,
    });
  const { conditions, plans } = plansOf(run);
  const key = conditions.map((name) => String(variableValues[name])).join();
  const selection = plans.get(key) ?? planRoot(type, run);
  if (plans.size === MAX_PLANS && !plans.has(key)) plans.clear();
  plans.set(key, selection);
  return selection;
}

function plansOf({ schema, operation, fragments }: Run): Planned {
  const known = planned.get(operation);
  if (known?.schema === schema) return known;
  const hasDirectives = operation.loc?.source.body.includes('@') ?? true;
  const names = hasDirectives ? [operation, ...Object.values(fragments)].flatMap(conditionsOf) : [];
  const created = {
    schema,
    conditions: [...new Set(names)].sort(),
    plans: new Map<string, Selection>(),
  };
  planned.set(operation, created);
  return created;
}

/** Only `@skip` and `@include` may take a variable where the result depends on it: other directives have no effect. */
function conditionsOf(definition: Parameters<typeof visit>[0]): string[] {
  const names: string[] = [];
  visit(definition, {
    Directive: ({ arguments: given = [] }) => {
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.push(value.name.value);
    },
  });
  return names;
}
