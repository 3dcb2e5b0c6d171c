/** What leaves the server of an error: the caller's own mistakes whole, anything else as one sentence and the id to find it by in the log. */
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import type { Logger } from 'pino';
import { MAX_REQUEST_ERRORS } from './document-limits.js';

const INTERNAL = 'INTERNAL_SERVER_ERROR';
/** What graphql-js says, of no place, after so many values that do not fit. */
const TOO_MANY = 'Too many errors processing variables';

/** @param error as execution made it: its cause is what a resolver threw */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLFormattedError {
  const code = error instanceof GraphQLError ? codeOf(error) : INTERNAL;
  if (error instanceof GraphQLError && code !== INTERNAL) {
    const { http, stacktrace, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions: { ...extensions, code } };
  }
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const path = error instanceof GraphQLError ? error.path : undefined;
  logger.error({ err: cause, requestId, path }, 'a request broke');
  return { message: 'Internal server error', ...(path && { path }), extensions: { code: INTERNAL, requestId } };
}

/** Of a request that is not executed the first few are enough; where there are data, each belongs to one of them. */
export const told = <E>(errors: readonly E[], data: unknown): readonly E[] =>
  data === undefined ? errors.slice(0, MAX_REQUEST_ERRORS) : errors;

/** What has no code was not meant to be seen, unless it is Apollo or graphql-js that refuses what it was given. */
function codeOf(error: GraphQLError): string {
  const { code, http } = error.extensions;
  if (typeof code === 'string') return code;
  // Apollo, of a persisted query that does not fit.
  if ((http as { status?: number } | undefined)?.status === 400) return 'BAD_REQUEST';
  return isOfValues(error) ? 'BAD_USER_INPUT' : INTERNAL;
}

/** Whether graphql-js refuses the values that came with the document: it points at a variable or a value, a resolver's error at its field. */
const isOfValues = ({ nodes, message }: GraphQLError): boolean =>
  nodes?.[0] ? nodes[0].kind !== Kind.FIELD : message.startsWith(TOO_MANY);
