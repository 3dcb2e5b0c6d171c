/** The path under which a proxy publishes this server, such as `/comfygraph`. The server serves the same there as at the root. */
import type { IncomingMessage, Server } from 'node:http';

/** @returns the path without a trailing slash; empty for the root */
export const basePathOf = (publicUrl: string | undefined): string =>
  publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');

/** Removes the path from URLs: some proxies strip it and some pass it on, for requests and for WebSocket upgrades. */
export function serveUnder(basePath: string, server: Server): Server {
  if (basePath === '') return server;
  const strip = (request: IncomingMessage): void => {
    const { url = '' } = request;
    const rest = url.slice(basePath.length);
    if (url.startsWith(basePath) && /^([/?]|$)/.test(rest)) request.url = rest.startsWith('/') ? rest : `/${rest}`;
  };
  return server.prependListener('request', strip).prependListener('upgrade', strip);
}
