/**
 * Keeps the pages of `generations` in the cache right without reading them again: reading page 1 again would lose an entry at
 * the seam to page 2. Each change puts its generation where it belongs now.
 */
import type { Cache } from '@urql/exchange-graphcache';

type Filter = {
  status?: string[] | null;
  outputKind?: string[] | null;
  search?: string | null;
  isFavorite?: boolean | null;
  workflow?: string | null;
  model?: string | null;
  createdAfter?: string | null;
  createdBefore?: string | null;
};
type Arguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  filter?: Filter | null;
  orderBy?: { field?: string; direction?: string } | null;
};
type Page = { key: string; args: Arguments; nodes: string[] };

const DEFAULT_PAGE_SIZE = 20;
/** Under COMPLETED_AT unfinished generations are later than all others. */
const NOT_YET = '9999';

/** Call it after each change of a generation, when the cache has the new state. */
export function placeInLists(cache: Cache, id: unknown): void {
  const key = keyOf(cache, id);
  // Without these fields the cache does not know the generation.
  if (!key || cache.resolve(key, 'createdAt') === undefined) return;
  const pages = pagesOf(cache);
  const nextPages = new Map(pages.flatMap((page) => (page.args.after ? [[page.args.after, page] as const] : [])));
  const verdicts = new Map<string, boolean>();
  for (const page of pages) {
    const index = page.nodes.indexOf(key);
    const { search, ...rest } = page.args.filter ?? {};
    // Words never change either, and the server finds more by them than `matches` does.
    const filter = { ...rest, search: index < 0 ? (search ?? null) : null };
    const name = JSON.stringify(filter);
    const isWanted = verdicts.get(name) ?? matches(cache, key, filter);
    verdicts.set(name, isWanted);
    // The time of creation never changes, and so the place by it.
    if (index >= 0 && isWanted && page.args.orderBy?.field !== 'COMPLETED_AT') continue;
    const others = index < 0 ? page.nodes : page.nodes.toSpliced(index, 1);
    const place = isWanted ? placeOf(cache, key, { ...page, nodes: others }, nextPages) : -1;
    if (place !== index) cache.link(page.key, 'nodes', place < 0 ? others : others.toSpliced(place, 0, key));
  }
}

/** Call it when a generation was deleted. */
export function removeFromLists(cache: Cache, id: unknown): void {
  const key = keyOf(cache, id);
  if (!key) return;
  for (const { key: page, nodes } of pagesOf(cache))
    if (nodes.includes(key))
      cache.link(
        page,
        'nodes',
        nodes.filter((node) => node !== key),
      );
  cache.invalidate(key);
}

const keyOf = (cache: Cache, id: unknown): string | null =>
  cache.keyOfEntity({ __typename: 'Generation', id: String(id) });

function pagesOf(cache: Cache): Page[] {
  return cache.inspectFields('Query').flatMap(({ fieldName, fieldKey, arguments: args }) => {
    const key = fieldName === 'generations' ? cache.resolve('Query', fieldKey) : undefined;
    if (typeof key !== 'string') return [];
    return [{ key, args: args ?? {}, nodes: (cache.resolve(key, 'nodes') as string[] | undefined) ?? [] }];
  });
}

/** @returns the index at which the page should have it; -1 if it belongs to another page */
function placeOf(cache: Cache, key: string, page: Page, nextPages: ReadonlyMap<string, Page>): number {
  const { args, nodes } = page;
  if (args.last != null || args.before != null) return -1;
  const place = rankOf(cache, key, page);
  if (place === 0 && args.after) return -1;
  if (place < nodes.length || !hasNextPage(cache, page)) return place;
  // Behind the end: it belongs here only if it is before the start of a next page that the cache has.
  const next = nextPages.get(String(infoOf(cache, page, 'endCursor')));
  return next && isSameList(page, next) && rankOf(cache, key, next) === 0 ? place : -1;
}

/** How many entries of the page are before it. */
function rankOf(cache: Cache, key: string, { args, nodes }: Page): number {
  const field = args.orderBy?.field === 'COMPLETED_AT' ? 'completedAt' : 'createdAt';
  const isAscending = args.orderBy?.direction === 'ASC';
  const orderOf = (node: string) => `${cache.resolve(node, field) ?? NOT_YET} ${node}`;
  const order = orderOf(key);
  const isBefore = (node: string) => orderOf(node) < order === isAscending;
  let start = 0;
  let end = nodes.length;
  // Nearly always it belongs to another page.
  if (end > 0 && isBefore(nodes[end - 1] ?? '')) return end;
  if (end > 0 && !isBefore(nodes[0] ?? '')) return 0;
  while (start < end) {
    const middle = (start + end) >> 1;
    if (isBefore(nodes[middle] ?? '')) start = middle + 1;
    else end = middle;
  }
  return start;
}

const infoOf = (cache: Cache, page: Page, field: string): unknown => {
  const info = cache.resolve(page.key, 'pageInfo');
  return typeof info === 'string' ? cache.resolve(info, field) : undefined;
};
const hasNextPage = (cache: Cache, page: Page): boolean =>
  Boolean(infoOf(cache, page, 'hasNextPage') ?? page.nodes.length >= (page.args.first ?? DEFAULT_PAGE_SIZE));
const isSameList = (one: Page, other: Page): boolean =>
  JSON.stringify([one.args.filter, one.args.orderBy]) === JSON.stringify([other.args.filter, other.args.orderBy]);

function matches(cache: Cache, key: string, filter: Filter): boolean {
  const { status, outputKind, search, isFavorite, workflow, model, createdAfter, createdBefore } = filter;
  const text = (entity: unknown, field: string) => String(cache.resolve(entity as string | null, field) ?? '');
  const created = Date.parse(text(key, 'createdAt'));
  return (
    (!status || status.includes(text(key, 'status'))) &&
    (!outputKind || kindsOf(cache, key).some((kind) => outputKind.includes(kind))) &&
    (!search || text(key, 'prompt').toLowerCase().includes(search.toLowerCase())) &&
    (isFavorite == null || cache.resolve(key, 'isFavorite') === isFavorite) &&
    (!workflow || text(cache.resolve(key, 'workflow'), 'name') === workflow) &&
    (!model || text(cache.resolve(key, 'model'), 'name') === model) &&
    (!createdAfter || created > Date.parse(createdAfter)) &&
    (!createdBefore || created < Date.parse(createdBefore))
  );
}

function kindsOf(cache: Cache, key: string): string[] {
  const result = cache.resolve(key, 'result');
  const all = (field: string) =>
    (typeof result === 'string' && (cache.resolve(result, field) as string[] | null)) || [];
  return [
    ...all('images').map(() => 'IMAGE'),
    ...all('files').map((file) => String(cache.resolve(file, 'kind'))),
    ...all('texts').map(() => 'TEXT'),
  ];
}
