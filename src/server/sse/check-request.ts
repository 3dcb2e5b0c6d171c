/** Rejects HTTP requests that are no request for a stream, and those that a browser may have sent for a foreign page without a preflight. */
import type { RequestHandler } from 'express';
import { errorBody } from '../http/error-responses.js';
import { isPreflighted, PREFLIGHTED_HEADERS } from '../http/graphql/csrf.js';
import { EVENT_STREAM } from '../http/graphql/stream-choice.js';

export const checkRequest: RequestHandler = (request, response, next) => {
  const reject = (status: number, message: string): void =>
    void response.status(status).json(errorBody('BAD_REQUEST', message));
  if (!['GET', 'POST'].includes(request.method)) {
    response.set('allow', 'GET, POST');
    return reject(405, 'Request streams by POST or GET');
  }
  if (!request.accepts(EVENT_STREAM)) return reject(406, `This path returns only ${EVENT_STREAM}`);
  if (!isPreflighted(request))
    return reject(400, `Send content-type: application/json, or one of the headers ${PREFLIGHTED_HEADERS.join(', ')}`);
  next();
};
