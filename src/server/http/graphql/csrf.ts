/** Protection against cross-site request forgery: requests that a browser never sends for a foreign page without a preflight. */
import type { Request } from 'express';

/**
 * A foreign page cannot set one of these without a preflight. `authorization` is among them because a browser adds no bearer token by itself
 * and the server has no cookies: a GET with a credential comes from the page or program that holds it.
 */
export const PREFLIGHTED_HEADERS: readonly string[] = [
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'authorization',
];

const JSON_TYPE = /^application\/json *(;|$)/i;

export const isPreflighted = (request: Request): boolean =>
  JSON_TYPE.test(request.get('content-type') ?? '') || PREFLIGHTED_HEADERS.some((name) => request.get(name));
