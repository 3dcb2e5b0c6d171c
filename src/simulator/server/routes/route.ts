/** One HTTP request and its response, as the routes see them. */
import type { IncomingMessage } from 'node:http';
import { isObject, parseJson, writeJson } from '../../python/json.js';
import { PythonError, typeName } from '../../python/python.js';
import type { ServerInstance } from '../../state/server-instance.js';

export type HttpResponse = { status: number; headers?: Record<string, string | number>; body?: string | Buffer };

export type RouteContext = {
  instance: ServerInstance;
  request: IncomingMessage;
  query: URLSearchParams;
  /** The values of the path's `*`. */
  params: string[];
  /** Reads the whole body. Throws BodyTooLargeError. */
  body(): Promise<Buffer>;
};

/** Every error that it throws becomes a 500, as in ComfyUI. */
export type Handler = (context: RouteContext) => Promise<HttpResponse> | HttpResponse;

export class BodyTooLargeError extends Error {}

export function json(value: unknown, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: writeJson(value) };
}

export function empty(status = 200): HttpResponse {
  return { status };
}

/** Throws a SyntaxError for invalid JSON and for an empty body. */
export async function readJson(context: RouteContext): Promise<unknown> {
  return parseJson((await context.body()).toString('utf8'));
}

/** Python's `key in value` for a JSON value. Throws Python's TypeError for numbers, booleans and null. */
export function has(value: unknown, key: string): value is Record<string, unknown> {
  if (isObject(value)) return Object.hasOwn(value, key);
  if (Array.isArray(value) || typeof value === 'string') return value.includes(key);
  throw new PythonError('TypeError', `argument of type '${typeName(value)}' is not iterable`);
}
