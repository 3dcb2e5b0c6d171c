/** Logs one line for each request, with the id that its response has in X-Request-Id. */
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { LoggedOperation } from '../operation/operation-log.js';

/** Load balancers request these every few seconds. */
const HEALTH_PATHS = ['/healthz', '/readyz'];

/** A client may send thousands of characters. */
const MAX_PATH_LENGTH = 200;

/** Does not log the query string, which may contain a signature or a document. An aborted request has a line, too. */
export const logRequests =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const { method, path } = request;
    const requestId = uuid();
    const startedAt = performance.now();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const { statusCode: status, writableFinished: isWhole } = response;
      const operation: LoggedOperation | undefined = response.locals.operation;
      const outcome = { method, path: path.slice(0, MAX_PATH_LENGTH), status, ms, isWhole };
      logger[HEALTH_PATHS.includes(path) ? 'debug' : 'info'](
        { requestId, ...operation?.line, ...outcome },
        'request ended',
      );
    });
    next();
  };

/** The id in the log, and in every response that hides an internal error. */
export const requestIdOf = ({ res }: Request): string => res?.locals.requestId ?? uuid();
