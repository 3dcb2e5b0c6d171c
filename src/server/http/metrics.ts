/** `GET /metrics` for Prometheus, with METRICS_TOKEN as its bearer token. Without that variable the path does not exist. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
import type { Scrape } from '../../metrics/scrape.js';
import { errorBody } from './error-responses.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export function serveMetrics({ token, scrape }: { token: string; scrape: Scrape }): Router {
  const router = Router();
  const expected = digest(`Bearer ${token}`);
  router.get('/metrics', async (request, response) => {
    // Digests have one length, and take the same time to compare.
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      response.set('WWW-Authenticate', 'Bearer realm="metrics"').status(401);
      response.json(errorBody('UNAUTHENTICATED', 'Send METRICS_TOKEN as a bearer token'));
      return;
    }
    response.set('Content-Type', scrape.contentType).end(await scrape.read());
  });
  return router;
}
