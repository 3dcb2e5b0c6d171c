/** The path under which a proxy publishes this server, such as `/comfygraph`. What is served there is the same as at the root. */
import type { IncomingMessage, Server } from 'node:http';

/** @returns without a slash at its end; empty for the root */
export const basePathOf = (publicUrl: string | undefined): string =>
  publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');

/** Some proxies strip the path and some pass it on, for requests and for upgrades to WebSocket alike. */
export function serveUnder(basePath: string, server: Server): Server {
  if (basePath === '') return server;
  const strip = (request: IncomingMessage): void => {
    const { url = '' } = request;
    const rest = url.slice(basePath.length);
    if (url.startsWith(basePath) && /^([/?]|$)/.test(rest)) request.url = rest.startsWith('/') ? rest : `/${rest}`;
  };
  return server.prependListener('request', strip).prependListener('upgrade', strip);
}
