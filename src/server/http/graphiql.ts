/** Serves GraphiQL from the installation, without a CDN. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

/** The build's output. The relative path is the same from `src` and from `dist`. */
const PAGES = fileURLToPath(new URL('../../../dist/web/', import.meta.url));
const YEAR_SECONDS = 365 * 86_400;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Monaco, the editor, sets styles from scripts.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ');

const cacheForever = (response: ServerResponse) =>
  response.setHeader('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`);

/** @param basePath the path under which browsers reach this server */
export function graphiql(basePath: string): Router {
  const router = Router();
  router.get('/', async (_, response) => {
    const page = await readFile(`${PAGES}graphiql.html`, 'utf8');
    response.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Cache-Control': 'no-cache' });
    // The build writes absolute paths, as if the server were at the root.
    response.type('html').send(page.replaceAll('="/graphiql/', `="${basePath}/graphiql/`));
  });
  // A file name contains the hash of its content.
  const assets = { index: false, cacheControl: false, setHeaders: cacheForever } as const;
  router.use('/assets', express.static(`${PAGES}assets`, assets));
  return router;
}
