/** HTTP responses with a GraphQL error that come from no operation. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { MAX_REQUEST_BYTES } from '../operation/document-limits.js';
import { sendNoPage } from './documents/no-page.js';
import { requestIdOf } from './request-log.js';

export const errorBody = (code: string, message: string, extensions: object = {}) => ({
  errors: [{ message, extensions: { code, ...extensions } }],
});

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

/** For a limit of concurrent requests or connections: the caller may retry at once. */
export function sendTooMany(response: ServerResponse, what: string): void {
  response.setHeader('Retry-After', '1');
  send(response, 429, errorBody('RATE_LIMITED', `Too many ${what}`, { retryAfter: 1 }));
}

/** A page for people, JSON for programs. @param basePath under which browsers reach the studio */
export const sendNotFound =
  (basePath: string): RequestHandler =>
  (request, response) => {
    response.vary('Accept');
    // In this order: a program that takes anything gets JSON.
    if (request.accepts(['json', 'html']) === 'html') sendNoPage(response, `${basePath}/`);
    else send(response, 404, errorBody('NOT_FOUND', 'No resource has this path'));
  };

/** A body that is too large or not JSON is the caller's mistake; any other error is internal, and masked. */
export const handleErrors =
  (logger: Logger) =>
  (
    error: { status?: number; type?: string },
    request: IncomingMessage,
    response: ServerResponse,
    next: (error: unknown) => void,
  ): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status = 500, type = '' } = error;
    if (status >= 400 && status < 500) {
      send(response, status, errorBody('BAD_REQUEST', BODY_ERRORS[type] ?? 'The request is malformed'));
      return;
    }
    const requestId = requestIdOf(request);
    logger.error({ err: error, requestId }, 'unhandled error in request');
    send(response, 500, errorBody('INTERNAL_SERVER_ERROR', 'Internal server error', { requestId }));
  };

/** By the `type` of body-parser's errors. */
const BODY_ERRORS: Record<string, string> = {
  'entity.parse.failed': 'The body is not JSON',
  'entity.too.large': `The body is larger than ${MAX_REQUEST_BYTES} bytes`,
};
