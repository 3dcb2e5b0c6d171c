/** Serves the studio and GraphiQL from the installation, without a CDN. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type RequestHandler, Router } from 'express';
import compressedStatic from 'express-static-gzip';

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

const cacheFor =
  (value: string) =>
  (response: ServerResponse): unknown =>
    response.setHeader('Cache-Control', value);

/** Serves a folder. Clients that accept gzip receive the compressed copies that the build has written beside scripts and styles. */
const files = (folder: string, cacheControl: string): RequestHandler =>
  compressedStatic(`${PAGES}${folder}`, {
    index: false,
    serveStatic: { cacheControl: false, setHeaders: cacheFor(cacheControl) },
  });

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
  // A file name contains the hash of its content.
  router.use('/assets', files('assets', `public, max-age=${YEAR_SECONDS}, immutable`));
  router.use('/app', files('app', `public, max-age=${HOUR_SECONDS}`));
  return router;
}
