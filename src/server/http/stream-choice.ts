/** Which requests to /graphql get a stream in place of JSON: those that prefer server-sent events, and subscriptions that accept them. */
import type { Request, RequestHandler } from 'express';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import { parseOptions } from '../operation/document-limits.js';

export const EVENT_STREAM = 'text/event-stream';

/** By the header alone, before the body is read. `*` accepts JSON as well, which comes first. */
export const streamWherePreferred =
  (jsonTypes: readonly string[], stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    request.accepts([...jsonTypes, EVENT_STREAM]) === EVENT_STREAM ? stream(request, response, next) : next();

/** A client that names both, as urql does, gets a subscription in the only form that there is. Expects the body to be read. */
export const streamSubscriptions =
  (stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    namesEventStream(request) && isSubscription(request) ? stream(request, response, next) : next();

const namesEventStream = (request: Request): boolean =>
  Boolean(request.get('accept')?.toLowerCase().includes(EVENT_STREAM));

function isSubscription({ method, query: parameters, body }: Request): boolean {
  const { query, operationName } = (method === 'GET' ? parameters : body) ?? {};
  if (typeof query !== 'string' || !query.includes(OperationTypeNode.SUBSCRIPTION)) return false;
  try {
    return getOperationAST(parse(query, parseOptions), operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    // JSON says why.
    return false;
  }
}
