/** A line in the log for each request, by an id that its answer has, too. */
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { LoggedOperation } from '../operation/operation-log.js';

/** What balancers ask for every few seconds. */
const HEALTH = ['/healthz', '/readyz'];

/** A client may ask for thousands of characters. */
const MAX_PATH_LENGTH = 200;

/** Not what follows the question mark: a signature, or a document. A request that is broken off has a line, too. */
export const logRequests =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const { method, path } = request;
    const requestId = uuid();
    const beganAt = performance.now();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const ms = Math.round(performance.now() - beganAt);
      const { statusCode: status, writableFinished: isWhole } = response;
      const operation: LoggedOperation | undefined = response.locals.operation;
      const told = { method, path: path.slice(0, MAX_PATH_LENGTH), status, ms, isWhole };
      logger[HEALTH.includes(path) ? 'debug' : 'info']({ requestId, ...operation?.line, ...told }, 'answered');
    });
    next();
  };

/** In the log, and in every answer that hides an error of ours. */
export const requestIdOf = ({ res }: Request): string => res?.locals.requestId ?? uuid();
