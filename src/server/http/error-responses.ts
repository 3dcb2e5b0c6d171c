/** HTTP responses with a GraphQL error that come from no operation. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { requestIdOf } from './request-log.js';

export const errorBody = (code: string, message: string, extensions: object = {}) => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});

/** For a limit of concurrent requests or connections: the caller may retry at once. */
export const sendTooMany = (response: Response, what: string): void =>
  void response
    .status(429)
    .set('Retry-After', '1')
    .json(errorBody('RATE_LIMITED', `Too many ${what}`, { retryAfter: 1 }));

export const sendNotFound: RequestHandler = (_, response) =>
  void response.status(404).json(errorBody('NOT_FOUND', 'No resource has this path'));

/** A body that is too large or not JSON is the caller's mistake; any other error is internal, and masked. */
export const handleErrors =
  (logger: Logger): ErrorRequestHandler =>
  (error: { status?: number; type?: string }, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status = 500, type = '' } = error;
    if (status >= 400 && status < 500)
      return void response
        .status(status)
        .json(errorBody('BAD_REQUEST', BODY_ERRORS[type] ?? 'The request is malformed'));
    const requestId = requestIdOf(request);
    logger.error({ err: error, requestId }, 'unhandled error in request');
    response.status(500).json(errorBody('INTERNAL_SERVER_ERROR', 'Internal server error', { requestId }));
  };

/** By the `type` of body-parser's errors. */
const BODY_ERRORS: Record<string, string> = {
  'entity.parse.failed': 'The body is not JSON',
  'entity.too.large': `The body is larger than ${MAX_REQUEST_BYTES} bytes`,
};
