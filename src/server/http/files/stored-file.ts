/** Serves a stored file with conditional requests, byte ranges and HEAD (RFC 9110, sections 13 and 14). */
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { type ByteRange, MissingFileError, type Storage } from '../../../storage/storage.js';

type Validators = { etag: string; modifiedAt: number };

const PLAYED = /^(video|audio)\//;
/** SVG is not among them: it has styles of its own. */
const SHOWN = /^image\/(png|jpeg|webp|gif|avif)$/;

/**
 * The bytes come from ComfyUI: a browser may show or play them as what they are, and run nothing. The page that a browser makes of a film or
 * a sound loads the file again; in a sandbox it has no origin, and may not. That of a picture has styles of the browser.
 */
export const harmless = (contentType: string) => ({
  'Content-Security-Policy': `default-src 'none'; ${allowance(contentType)}; frame-ancestors 'none'`,
  'Cross-Origin-Resource-Policy': 'cross-origin',
});

function allowance(contentType: string): string {
  if (PLAYED.test(contentType)) return "media-src 'self'";
  return SHOWN.test(contentType) ? "style-src 'unsafe-inline'; sandbox" : 'sandbox';
}

/** @throws MissingFileError */
export async function sendStoredFile(
  request: Request,
  response: Response,
  storage: Storage,
  key: string,
): Promise<void> {
  // The bytes under a key never change.
  const etag = `"${key.slice(key.lastIndexOf('/') + 1, key.lastIndexOf('.'))}"`;
  const found = await storage.stat(key);
  if (!found) throw new MissingFileError(`The storage has no file ${key}`);
  const lastModified = found.modifiedAt.toUTCString();
  // HTTP dates have whole seconds.
  const validators = { etag, modifiedAt: Date.parse(lastModified) };
  response.set({ ETag: etag, 'Last-Modified': lastModified, 'Accept-Ranges': 'bytes' });
  if (isPreconditionFailed(request, validators)) return void response.status(412).end();
  if (request.fresh) {
    response.removeHeader('Content-Type');
    return void response.status(304).end();
  }
  const range = rangeOf(request, found.size, validators);
  if (range === 'unsatisfiable') return void response.status(416).set('Content-Range', `bytes */${found.size}`).end();
  const content = request.method === 'HEAD' ? undefined : await storage.read(key, range);
  response.set('Content-Length', String(range ? range.end - range.start + 1 : found.size));
  if (range) response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${found.size}`);
  if (!content) return void response.end();
  // The client may close the connection early; `pipeline` leaves the file open if that was before it began.
  await pipeline(content, response).catch(() => content.destroy());
}

function isPreconditionFailed({ headers }: Request, { etag, modifiedAt }: Validators): boolean {
  const ifMatch = headers['if-match'];
  if (ifMatch) return ifMatch !== '*' && !ifMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
  return modifiedAt > Date.parse(headers['if-unmodified-since'] ?? '');
}

/** Undefined for the whole file: without a range, with several ranges, or if If-Range names another version. */
function rangeOf(
  request: Request,
  size: number,
  { etag, modifiedAt }: Validators,
): ByteRange | 'unsatisfiable' | undefined {
  if (!/^ *bytes=/.test(request.headers.range ?? '')) return undefined;
  const ifRange = request.get('If-Range');
  if (ifRange && !(ifRange.includes('"') ? ifRange.includes(etag) : modifiedAt <= Date.parse(ifRange)))
    return undefined;
  const ranges = request.range(size, { combine: true });
  if (ranges === -1) return 'unsatisfiable';
  return Array.isArray(ranges) && ranges.length === 1 ? ranges[0] : undefined;
}
