/** What leaves the server of an error: the caller's own mistakes whole, anything else as one sentence and the id to find it by in the log. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';

const INTERNAL = 'INTERNAL_SERVER_ERROR';

/** @param error as execution made it: its cause is what a resolver threw */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLFormattedError {
  if (error instanceof GraphQLError && (isMeant(error) || isBeforeExecution(error))) {
    const { http, stacktrace, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions: isMeant(error) ? extensions : { code: 'BAD_USER_INPUT' } };
  }
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  logger.error(
    { err: cause, requestId, path: error instanceof GraphQLError ? error.path : undefined },
    'a request broke',
  );
  return {
    message: 'Internal server error',
    ...(error instanceof GraphQLError && error.path ? { path: error.path } : {}),
    extensions: { code: INTERNAL, requestId },
  };
}

/** Ours, and the protocol's own, carry a code; what has none was not meant to be seen. */
const isMeant = (error: GraphQLError): boolean =>
  typeof error.extensions.code === 'string' && error.extensions.code !== INTERNAL;

/** What no field and no fault of ours is behind: variables of the wrong shape, or too many of them. */
const isBeforeExecution = ({ path, originalError }: GraphQLError): boolean =>
  path === undefined && (originalError === undefined || originalError instanceof GraphQLError);
