/** Serves GraphiQL from the installation itself. */
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

/** The build's output; the same from `src` as from `dist`. */
const PAGES = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const YEAR_MS = 365 * 86_400_000;

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

const forbidSniffing = (response: ServerResponse) => response.setHeader('X-Content-Type-Options', 'nosniff');

export function graphiql(): Router {
  const router = Router();
  router.get('/', (_, response) => {
    response.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    });
    response.sendFile('graphiql.html', { root: PAGES, cacheControl: false });
  });
  // Names hold a hash of what they name.
  const assets = { index: false, immutable: true, maxAge: YEAR_MS, setHeaders: forbidSniffing } as const;
  router.use('/assets', express.static(`${PAGES}assets`, assets));
  return router;
}
