/** Puts answers on the wire, and what faults do in their place. Knows no route. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Action } from '../faults/faults.js';
import { type Answer, TooLarge } from './routes/route.js';

/** aiohttp's limit for every body, ComfyUI's `--max-upload-size`. */
export const MAX_BODY_BYTES = 100 * 1024 * 1024;

const FLOOD_CHUNK_BYTES = 64 * 1024;

/** What aiohttp says when a handler threw. */
export const BROKEN: Answer = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '500 Internal Server Error\n\nServer got itself in trouble',
};

export const TOO_LARGE: Answer = {
  status: 413,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `Maximum request body size ${MAX_BODY_BYTES} exceeded.`,
};

/** Throws TooLarge. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer, isHead = false): void {
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(isHead ? undefined : body);
}

/** Does what a fault wants done in place of an answer; whether it did. */
export function replace(action: Action, response: ServerResponse): boolean {
  switch (action.do) {
    case 'hang':
      return true;
    case 'reset':
      (response.socket as Socket | null)?.resetAndDestroy();
      return true;
    case 'flood':
      response.writeHead(200, { 'content-type': 'application/json' });
      // The client's hanging up is what it is for.
      void pipeline(Readable.from(spaces(action.bytes)), response).catch(() => {});
      return true;
    case 'answer': {
      const { status = 200, type = 'application/json', body } = action;
      if (response.headersSent) response.end(body);
      else send(response, { status, headers: { 'content-type': type }, body });
      return true;
    }
    default:
      return false;
  }
}

function* spaces(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(FLOOD_CHUNK_BYTES, ' ');
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}
