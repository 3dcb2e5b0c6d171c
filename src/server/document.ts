/** Reads what a socket asks for: parsed, validated, with the one operation chosen. Over HTTP Apollo does the same, with the same words. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { MAX_VALIDATION_ERRORS, parseOptions } from './limits.js';

/** The document, or why it cannot be executed: errors of that operation, and not the end of the socket. */
export function readDocument(
  { query, operationName }: SubscribePayload,
  schema: GraphQLSchema,
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
  const faults = validate(schema, document, specifiedRules, { maxErrors: MAX_VALIDATION_ERRORS });
  if (faults.length > 0) return faults.map((fault) => withCode(fault, 'GRAPHQL_VALIDATION_FAILED'));
  if (getOperationAST(document, operationName)) return document;
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
