/** Parses the URL of a ComfyUI server. */
import { ComfyUIError } from '../protocol/errors.js';

/** Some proxies reject requests without one. */
const USER_AGENT = 'ComfyGraph';

export type Address = {
  /** Without credentials, query and trailing slash: safe to log and to display. */
  url: URL;
  /** The query of the URL, such as a token: sent with every request and on the socket. */
  query: URLSearchParams;
  headers: Record<string, string>;
};

/** Turns user and password in the URL into a basic authorization header. @throws ComfyUIError if the URL is not an http(s) URL */
export function addressOf(text: string, headers: Record<string, string> = {}): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ComfyUIError('A ComfyUI URL must begin with http:// or https://, for example http://127.0.0.1:8188');
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const basic = credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return {
    url: new URL(url.origin + url.pathname.replace(/\/+$/, '')),
    query: url.searchParams,
    headers: { 'user-agent': USER_AGENT, ...basic, ...headers },
  };
}

/** The URL of a route, with the query of the address added. */
export function routeUrl({ url, query }: Pick<Address, 'url' | 'query'>, path: string): URL {
  const route = new URL(url.href.replace(/\/$/, '') + path);
  for (const [name, value] of query) route.searchParams.append(name, value);
  return route;
}
