/** The addresses of the API, relative to this script, so that they also hold under the path of a proxy. */

// Not inline: the build would take the first argument for a file to copy.
const script = import.meta.url;

export const API_URL = new URL('../graphql', script);
export const SOCKET_URL = new URL(API_URL.href.replace(/^http/, 'ws'));
export const READY_URL = new URL('../readyz', script);
export const GRAPHIQL_URL = new URL('../graphiql', script);

/** @param path root-relative, from the API, which has put the proxy's path before it */
export const absolute = (path: string): string => new URL(path, script).href;
