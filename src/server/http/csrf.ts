/** Cross-site request forgery: which requests a browser never sends for a foreign page without a preflight. The same over every door. */
import type { Request } from 'express';

/**
 * No foreign page can set one of these unasked. `authorization` among them, for a browser adds no bearer token by itself, and there are no
 * cookies: a GET with a credential comes from the page or program that holds it.
 */
export const PREFLIGHTED_HEADERS: readonly string[] = [
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'authorization',
];

const JSON_TYPE = /^application\/json *(;|$)/i;

export const isPreflighted = (request: Request): boolean =>
  JSON_TYPE.test(request.get('content-type') ?? '') || PREFLIGHTED_HEADERS.some((name) => request.get(name));
