/** Headers of every response; pages and images override some of them. The proxy terminates TLS, and so sets HSTS. */
import type { ServerResponse } from 'node:http';

const HEADERS = Object.entries({
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  // For browsers that do not know frame-ancestors.
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  // A URL may contain a signature.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
});

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
}
