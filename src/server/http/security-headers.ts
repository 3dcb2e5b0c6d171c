/** Headers of every response; pages and images override some of them. The proxy terminates TLS, and so sets HSTS. */
import type { RequestHandler } from 'express';

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // For browsers that do not know frame-ancestors.
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  // A URL may contain a signature.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export const securityHeaders: RequestHandler = (_, response, next) => {
  response.set(HEADERS);
  next();
};
