/** Chooses which requests to /graphql get an event stream instead of JSON: those that prefer one, and subscriptions that accept one. */
import type { IncomingMessage } from 'node:http';
import express, { type Request, type RequestHandler } from 'express';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { parseOptions } from '../../operation/document-limits.js';

export const EVENT_STREAM = 'text/event-stream';
export const PLAIN_JSON = 'application/json';
/** A client that accepts both equally gets the first, which is Apollo's choice too. */
const JSON_TYPES = [PLAIN_JSON, 'application/graphql-response+json'];

type Choice = {
  /** `*` accepts JSON as well, which comes first. */
  prefersStream: boolean;
  acceptsStream: boolean;
  /** The client accepts `application/json` rather than `application/graphql-response+json`. */
  isPlainJson: boolean;
};

/** By the header Accept: clients send few different ones. */
const choices = new LRUCache<string, Choice>({
  max: 100,
  maxSize: 50_000,
  sizeCalculation: (_, { length }) => length + 1,
});

/** Reads the header alone, before the body is parsed. */
export function choiceOf({ headers: { accept = '' } }: IncomingMessage): Choice {
  const known = choices.get(accept);
  if (known) return known;
  // Express's own, which reads nothing but the header.
  const header: Request = Object.create(express.request, { headers: { value: { accept } } });
  const created: Choice = {
    prefersStream: header.accepts([...JSON_TYPES, EVENT_STREAM]) === EVENT_STREAM,
    acceptsStream: accept.toLowerCase().includes(EVENT_STREAM),
    isPlainJson: header.accepts(JSON_TYPES) === PLAIN_JSON,
  };
  choices.set(accept, created);
  return created;
}

export const streamIfPreferred =
  (stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    choiceOf(request).prefersStream ? stream(request, response, next) : next();

/** A client that accepts both, as urql does, gets a subscription as a stream, its only form. Expects a parsed body. */
export const streamSubscriptions =
  (stream: RequestHandler): RequestHandler =>
  (request, response, next) =>
    choiceOf(request).acceptsStream && isSubscription(request) ? stream(request, response, next) : next();

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
