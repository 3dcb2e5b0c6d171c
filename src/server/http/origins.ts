/** The origins whose pages may call this server: those of CORS_ORIGIN, and its own. Programs send no Origin. */
import type { IncomingMessage } from 'node:http';

export type Origins = '*' | string[];

/** Apps and extensions have custom schemes, for which `URL` computes no origin: `tauri://localhost`, `file://`. */
const CUSTOM_SCHEME = /^(?!https?:)[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]*$/i;

/** Whether a browser sends this as Origin; `null` stands for a sandboxed frame or a file. A `*` inside would match nothing. */
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

/** Adds the server's public origin: a proxy may pass on another Host. */
export const withPublicOrigin = (origins: Origins, publicUrl: string | undefined): Origins =>
  origins === '*' || publicUrl === undefined ? origins : [...origins, new URL(publicUrl).origin];

export function isOriginAllowed({ headers }: IncomingMessage, corsOrigins: Origins): boolean {
  const { origin, host } = headers;
  if (corsOrigins === '*' || origin === undefined) return true;
  return corsOrigins.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}
