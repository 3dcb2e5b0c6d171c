/** Writes HTTP responses, and what a fault sends in place of one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Action } from '../faults/faults.js';
import { BodyTooLargeError, type HttpResponse } from './routes/route.js';

/** Limit of every request body: ComfyUI's `--max-upload-size`. */
const MAX_BODY_BYTES = 100 * 1024 * 1024;

const FLOOD_CHUNK_BYTES = 64 * 1024;

/** aiohttp's response when a handler throws. */
export const INTERNAL_SERVER_ERROR: HttpResponse = {
  status: 500,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '500 Internal Server Error\n\nServer got itself in trouble',
};

export const PAYLOAD_TOO_LARGE: HttpResponse = {
  status: 413,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `Maximum request body size ${MAX_BODY_BYTES} exceeded.`,
};

/** Throws BodyTooLargeError above MAX_BODY_BYTES. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: HttpResponse,
  isHead = false,
): void {
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(isHead ? undefined : body);
}

/** Applies a fault to the response. Returns whether the action replaced the response. */
export function applyFault(action: Action, response: ServerResponse): boolean {
  switch (action.do) {
    case 'hang':
      return true;
    case 'reset':
      (response.socket as Socket | null)?.resetAndDestroy();
      return true;
    case 'flood':
      response.writeHead(200, { 'content-type': 'application/json' });
      // The client is expected to abort; that is no error here.
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
  for (let remaining = bytes; remaining > 0; remaining -= chunk.length) yield chunk.subarray(0, remaining);
}
