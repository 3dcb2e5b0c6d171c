/** The classes of paths that metrics distinguish: a path may contain an id, or whatever a client invents. */

const ROUTES = [
  'graphql',
  'graphiql',
  'assets',
  'app',
  'images',
  'files',
  'thumbnails',
  'archives',
  'previews',
  's',
  'uploads',
  'healthz',
  'readyz',
  'metrics',
];
const byName = new Map(ROUTES.map((name) => [name, name]));

/** @returns the first segment of the path if this server has such a route, else `other` */
export function routeOf(path: string): string {
  const end = path.indexOf('/', 1);
  return byName.get(path.slice(1, end < 0 ? undefined : end)) ?? 'other';
}
