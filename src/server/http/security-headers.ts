/** What every answer says of itself to browsers, unless a page or a picture says otherwise. TLS, and so HSTS, is the proxy's. */
import type { RequestHandler } from 'express';

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // For browsers that do not know frame-ancestors.
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  // An address may be a signed one.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export const describeAnswer: RequestHandler = (_, response, next) => {
  response.set(HEADERS);
  next();
};
