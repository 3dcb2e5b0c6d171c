/** Reads what a socket or a stream asks for: parsed, validated, within the limits, with the one operation chosen. Over HTTP Apollo does the same, with the same words. */
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Context } from '../graphql/context.js';
import { type Asker, judge } from './judge.js';
import { limitRules } from './limit-rules.js';
import { MAX_VALIDATION_ERRORS, parseOptions } from './limits.js';

const rules = [...specifiedRules, ...limitRules];

/** What graphql-js needs to execute it; or why it cannot be executed. */
export function prepare(
  payload: SubscribePayload,
  schema: GraphQLSchema,
  asker: Asker,
  createContextValue: () => Context,
): ExecutionArgs | GraphQLError[] {
  const document = readDocument(payload, schema, asker);
  if (Array.isArray(document)) return document;
  const { operationName, variables } = payload;
  return { schema, document, operationName, variableValues: variables, contextValue: createContextValue() };
}

/** The document, or why it cannot be executed: errors of that operation, and not the end of the socket. */
function readDocument(
  { query, operationName, variables }: SubscribePayload,
  schema: GraphQLSchema,
  asker: Asker,
): DocumentNode | GraphQLError[] {
  if (query === '')
    return [
      refusal('BAD_REQUEST', 'GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.'),
    ];
  let document: DocumentNode;
  try {
    document = parse(query, parseOptions);
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
  const faults = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
  if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, operationName);
  if (operation) {
    const refusal = judge(document, operation, variables, schema, asker);
    return refusal ? [refusal] : document;
  }
  const message =
    operationName == null
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named "${operationName}".`;
  return [refusal('OPERATION_RESOLUTION_FAILURE', message)];
}

const refusal = (code: string, message: string) => new GraphQLError(message, { extensions: { code } });

/** graphql-js gives no codes. */
const withCode = ({ message, nodes, source, positions }: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  });
