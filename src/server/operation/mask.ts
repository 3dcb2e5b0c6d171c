/** What a response shows of an error: the caller's mistake in full; of any other error one sentence and the id of its log line. */
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import type { Logger } from 'pino';
import { Refusal } from '../../graphql/errors.js';
import { MAX_REQUEST_ERRORS } from './document-limits.js';
import { toGraphQLError } from './graphql-error.js';

const INTERNAL = 'INTERNAL_SERVER_ERROR';
/** graphql-js's last error, without a location, when too many variables have invalid values. */
const TOO_MANY = 'Too many errors processing variables';

/** @param error as execution returns it: its `originalError` is what a resolver threw */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const cause = located?.originalError ?? error;
  const shown = cause instanceof Refusal ? toGraphQLError(cause, located) : located;
  const code = shown ? codeOf(shown) : INTERNAL;
  if (shown && code !== INTERNAL) {
    const { http, stacktrace, ...extensions } = shown.extensions;
    return { ...shown.toJSON(), extensions: { ...extensions, code } };
  }
  const path = located?.path;
  logger.error({ err: cause, requestId, path }, 'unhandled error in request');
  return { message: 'Internal server error', ...(path && { path }), extensions: { code: INTERNAL, requestId } };
}

/** A request that was not executed shows its first errors only. If there are data, each error explains one null. */
export const firstErrors = <E>(errors: readonly E[], data: unknown): readonly E[] =>
  data === undefined ? errors.slice(0, MAX_REQUEST_ERRORS) : errors;

/** An error without a code is internal, unless Apollo or graphql-js rejects the request with it. */
function codeOf(error: GraphQLError): string {
  const { code, http } = error.extensions;
  if (typeof code === 'string') return code;
  // Apollo's errors about persisted queries.
  if ((http as { status?: number } | undefined)?.status === 400) return 'BAD_REQUEST';
  return isAboutVariables(error) ? 'BAD_USER_INPUT' : INTERNAL;
}

/** graphql-js's errors about variables point at a variable or a value, a resolver's error at its field. */
const isAboutVariables = ({ nodes, message }: GraphQLError): boolean =>
  nodes?.[0] ? nodes[0].kind !== Kind.FIELD : message.startsWith(TOO_MANY);
