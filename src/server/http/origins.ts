/** Which pages may talk to this server from a browser: those of CORS_ORIGIN, and its own. Programs send no Origin. */
import type { IncomingMessage } from 'node:http';

export type Origins = '*' | string[];

/** Apps and extensions have schemes of their own, in which a browser's URL finds no origin: `tauri://localhost`, `file://`. */
const CUSTOM_SCHEME = /^(?!https?:)[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]*$/i;

/** As a browser sends it; `null` from a sandboxed frame or a file. A `*` within one would match nothing. */
const isOrigin = (text: string): boolean =>
  text === 'null' ||
  CUSTOM_SCHEME.test(text) ||
  (URL.canParse(text) && new URL(text).origin === text && !text.includes('*'));

/** @returns undefined for a list with an invalid origin */
export function readOrigins(list: string): Origins | undefined {
  if (list.trim() === '*') return '*';
  const origins = list.split(',').map((origin) => origin.trim());
  return origins.every(isOrigin) ? origins : undefined;
}

/** With the origin of the server itself, where a proxy publishes it under another name than it is asked by. */
export const withOwn = (origins: Origins, publicUrl: string | undefined): Origins =>
  origins === '*' || publicUrl === undefined ? origins : [...origins, new URL(publicUrl).origin];

export function isOriginAllowed({ headers }: IncomingMessage, corsOrigins: Origins): boolean {
  const { origin, host } = headers;
  if (corsOrigins === '*' || origin === undefined) return true;
  return corsOrigins.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}
