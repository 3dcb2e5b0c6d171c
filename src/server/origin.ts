/** Which pages may talk to this server from a browser: those of CORS_ORIGIN, and its own. Programs send no Origin. */
import type { IncomingMessage } from 'node:http';

export function isOriginAllowed({ headers }: IncomingMessage, corsOrigins: '*' | string[]): boolean {
  const { origin, host } = headers;
  if (corsOrigins === '*' || origin === undefined) return true;
  return corsOrigins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host);
}
