/** The checks between choosing an operation and executing it, in one order for every transport. */
import { type DocumentNode, GraphQLError, OperationTypeNode, visit } from 'graphql';
import type { Viewer } from '../../accounts/viewer.js';
import { unauthenticated } from '../../graphql/errors.js';
import { type ChosenOperation, checkLimits } from './check-limits.js';
import { toGraphQLError } from './graphql-error.js';
import type { LoggedOperation } from './operation-log.js';
import { isPublic } from './root-fields.js';

export type OperationCaller = {
  context: { viewer: Viewer | undefined };
  /** The credential is invalid, expired or revoked. Public fields are executed all the same. */
  isCredentialBad: boolean;
  /** Whether the transport can carry the events of a subscription. */
  canSubscribe: boolean;
  logged: LoggedOperation;
};

/** Why an operation is not executed, and the status over HTTP. */
export type Rejection = { errors: readonly [GraphQLError, ...GraphQLError[]]; status: 400 | 401 };

/** @param isOpen whether anonymous callers may read the schema */
export function checkOperation(
  chosen: ChosenOperation,
  { context: { viewer }, isCredentialBad, canSubscribe, logged }: OperationCaller,
  isOpen: boolean,
): Rejection | undefined {
  const { document, operation } = chosen;
  logged.setOperation(operation);
  if (isCredentialBad && !isPublic(operation, document))
    return reject(toGraphQLError(unauthenticated('The credential is invalid or has expired')), 401);
  if (!canSubscribe && operation.operation === OperationTypeNode.SUBSCRIPTION)
    return reject(new GraphQLError(SUBSCRIBE_ELSEWHERE, { extensions: { code: 'BAD_REQUEST' } }));
  if (!isOpen && !viewer && readsSchema(document))
    return reject(toGraphQLError(unauthenticated('Sign in to read the schema')));
  const error = checkLimits(chosen);
  return error && reject(error);
}

const SUBSCRIBE_ELSEWHERE =
  'Subscriptions run over WebSocket (graphql-transport-ws) at this same path, or as server-sent events at /graphql/stream';

const reject = (error: GraphQLError, status: Rejection['status'] = 400): Rejection => ({ errors: [error], status });

/** `__type` is allowed: it shows a type only to a caller that knows its name. */
function readsSchema(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Field: ({ name }) => {
      if (name.value === '__schema') isFound = true;
    },
  });
  return isFound;
}
