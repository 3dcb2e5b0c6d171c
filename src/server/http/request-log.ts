/** Logs and counts each request: one line, with the id that its response has in X-Request-Id. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Metrics } from '../../metrics/metrics.js';
import type { LoggedOperation } from '../operation/operation-log.js';
import { EVENT_STREAM } from './graphql/stream-choice.js';
import { routeOf } from './route.js';

declare module 'node:http' {
  interface IncomingMessage {
    /** In the log, and in every response that hides an internal error. */
    requestId?: string;
    /** What the line shows of its operation. */
    operation?: LoggedOperation;
  }
}

/** Load balancers and Prometheus request these every few seconds. */
const HEALTH_PATHS = ['/healthz', '/readyz', '/metrics'];

/** A client may send thousands of characters. */
const MAX_PATH_LENGTH = 200;
const SHARE_TOKEN = /^\/+s\/+[^/]+/i;

/** Does not log the query string, which may contain a signature or a document, nor the token of a share. An aborted request has a line, too. */
export function logRequests(
  logger: Logger,
  metrics: Metrics,
): (request: IncomingMessage, response: ServerResponse) => void {
  // None of these fields can hold a secret, and a search for one takes as long as the line itself.
  const lines = logger.child({}, { redact: [] });
  return (request, response) => {
    const { method, url = '' } = request;
    const path = pathOf(url);
    const requestId = randomUUID();
    const startedAt = performance.now();
    request.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    response.once('close', () => {
      const elapsedMs = performance.now() - startedAt;
      const ms = Math.round(elapsedMs);
      const { statusCode: status, writableFinished: isWhole } = response;
      const outcome = { method, path: path.slice(0, MAX_PATH_LENGTH), status, ms, isWhole };
      const isStream = String(response.getHeader('content-type')).startsWith(EVENT_STREAM);
      metrics.requested(routeOf(path), status, isStream ? undefined : elapsedMs / 1000);
      request.operation?.count();
      const line = { requestId, ...request.operation?.line, ...outcome };
      if (HEALTH_PATHS.includes(path)) lines.debug(line, 'request ended');
      else lines.info(line, 'request ended');
    });
  };
}

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return (end < 0 ? url : url.slice(0, end)).replace(SHARE_TOKEN, '/s/…');
};

export const requestIdOf = ({ requestId }: IncomingMessage): string => requestId ?? randomUUID();
