/** Chooses which requests to /graphql get an event stream instead of JSON: those that prefer one, and subscriptions that accept one. */
import type { Request, RequestHandler } from 'express';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import { parseOptions } from '../../operation/document-limits.js';

export const EVENT_STREAM = 'text/event-stream';

/** Reads the header alone, before the body is parsed. `*` accepts JSON as well, which comes first. */
export const streamIfPreferred =
  (jsonTypes: readonly string[], stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    request.accepts([...jsonTypes, EVENT_STREAM]) === EVENT_STREAM ? stream(request, response, next) : next();

/** A client that accepts both, as urql does, gets a subscription as a stream, its only form. Expects a parsed body. */
export const streamSubscriptions =
  (stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    acceptsEventStream(request) && isSubscription(request) ? stream(request, response, next) : next();

const acceptsEventStream = (request: Request): boolean =>
  Boolean(request.get('accept')?.toLowerCase().includes(EVENT_STREAM));

function isSubscription({ method, query: parameters, body }: Request): boolean {
  const { query, operationName } = (method === 'GET' ? parameters : body) ?? {};
  if (typeof query !== 'string' || !query.includes(OperationTypeNode.SUBSCRIPTION)) return false;
  try {
    return getOperationAST(parse(query, parseOptions), operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    // The JSON response explains the error.
    return false;
  }
}
