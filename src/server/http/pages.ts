/** Serves the studio and GraphiQL from the installation, without a CDN. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';

export const GRAPHIQL_PATH = '/graphiql';
/** The build's output. The relative path is the same from `src` and from `dist`. */
const PAGES = fileURLToPath(new URL('../../../dist/web/', import.meta.url));
const YEAR_SECONDS = 365 * 86_400;
const HOUR_SECONDS = 3_600;

const SHARED_POLICY = ["base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'"];

const GRAPHIQL_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Monaco, the editor, sets styles from scripts.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  ...SHARED_POLICY,
];

/** @param fileOrigin where the server redirects requests for files; empty if it sends them itself */
const studioPolicy = (fileOrigin: string): string[] => [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Chosen files are shown as blobs before they are uploaded.
  `img-src 'self' data: blob: ${fileOrigin}`.trim(),
  `media-src 'self' blob: ${fileOrigin}`.trim(),
  `connect-src 'self' ${fileOrigin}`.trim(),
  "manifest-src 'self'",
  ...SHARED_POLICY,
];

/** What the build also writes compressed, as `name.gz`. */
const COMPRESSED_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

type SetHeaders = (response: ServerResponse, path: string) => void;

const files = (folder: string, setHeaders: SetHeaders): RequestHandler =>
  express.static(`${PAGES}${folder}`, { index: false, cacheControl: false, setHeaders });

/** Sends scripts and styles compressed to whoever accepts it. */
function assets(): RequestHandler {
  const setCache = (response: ServerResponse) =>
    // A file name contains the hash of its content.
    void response.setHeader('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`);
  const plain = files('assets', setCache);
  const compressed = files('assets', (response, path) => {
    setCache(response);
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Type', COMPRESSED_TYPES[extname(path.slice(0, -'.gz'.length))] ?? '');
  });
  return (request, response, next) => {
    if (!COMPRESSED_TYPES[extname(request.path)]) return plain(request, response, next);
    response.vary('Accept-Encoding');
    if (!request.acceptsEncodings('gzip')) return plain(request, response, next);
    const { url } = request;
    request.url = `${request.path}.gz`;
    return compressed(request, response, (error) => {
      request.url = url;
      if (error) return next(error);
      return plain(request, response, next);
    });
  };
}

type PagesOptions = {
  /** The path under which browsers reach this server. */
  basePath: string;
  /** The origin of presigned URLs, if requests for files are redirected to them. */
  fileOrigin?: string | undefined;
};

export function pages({ basePath, fileOrigin = '' }: PagesOptions): Router {
  /** Sends the page `name`. The build writes absolute paths, as if the server were at the root. */
  const page =
    (name: string, policy: string[]): RequestHandler =>
    async (_, response) => {
      const html = await readFile(`${PAGES}${name}.html`, 'utf8');
      response.set({ 'Content-Security-Policy': policy.join('; '), 'Cache-Control': 'no-cache' });
      response.type('html').send(html.replaceAll('="/', `="${basePath}/`));
    };

  const router = Router();
  router.get('/', page('index', studioPolicy(fileOrigin)));
  router.get(GRAPHIQL_PATH, page('graphiql', GRAPHIQL_POLICY));
  router.use('/assets', assets());
  const forAnHour: SetHeaders = (response) => response.setHeader('Cache-Control', `public, max-age=${HOUR_SECONDS}`);
  router.use('/app', files('app', forAnHour));
  return router;
}
