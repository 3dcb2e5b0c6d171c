/** One HTTP request and its answer, as the routes see them. */
import type { IncomingMessage } from 'node:http';
import { isObject, parseJson, writeJson } from '../../python/json.js';
import { PythonError, typeName } from '../../python/python.js';
import type { Life } from '../../state/server-instance.js';

export type Answer = { status: number; headers?: Record<string, string | number>; body?: string | Buffer };

export type Exchange = {
  life: Life;
  request: IncomingMessage;
  query: URLSearchParams;
  /** The parts of the path that the route leaves open. */
  params: string[];
  /** The whole body. Throws TooLarge. */
  body(): Promise<Buffer>;
};

/** Any throw is answered 500, as the real one does it. */
export type Handler = (exchange: Exchange) => Promise<Answer> | Answer;

export class TooLarge extends Error {}

export function json(value: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: writeJson(value) };
}

export function empty(status = 200): Answer {
  return { status };
}

/** Throws a SyntaxError for what is no JSON; also for an empty body. */
export async function readJson(exchange: Exchange): Promise<unknown> {
  return parseJson((await exchange.body()).toString('utf8'));
}

/** Whether Python would find this key in a JSON value. Throws what it throws for numbers, booleans and null. */
export function has(value: unknown, key: string): value is Record<string, unknown> {
  if (isObject(value)) return Object.hasOwn(value, key);
  if (Array.isArray(value) || typeof value === 'string') return value.includes(key);
  throw new PythonError('TypeError', `argument of type '${typeName(value)}' is not iterable`);
}
