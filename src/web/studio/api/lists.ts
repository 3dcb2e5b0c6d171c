/**
 * Keeps the pages of `generations` in the cache right without reading them again: reading page 1 again would lose an entry at
 * the seam to page 2.
 */
import type { Cache } from '@urql/exchange-graphcache';

type Generation = {
  id: string;
  status: string;
  prompt: string;
  createdAt: string;
  isFavorite: boolean;
  workflow: { name: string };
  model: { name: string } | null;
};
type Filter = {
  status?: string[] | null;
  search?: string | null;
  isFavorite?: boolean | null;
  workflow?: string | null;
  model?: string | null;
  createdAfter?: string | null;
  createdBefore?: string | null;
};
type Page = {
  key: string;
  args: { after?: string | null; filter?: Filter | null; orderBy?: { field?: string; direction?: string } };
};

function pagesOf(cache: Cache): Page[] {
  return cache.inspectFields('Query').flatMap(({ fieldName, fieldKey, arguments: args }) => {
    const key = fieldName === 'generations' ? cache.resolve('Query', fieldKey) : undefined;
    return typeof key === 'string' ? [{ key, args: (args ?? {}) as Page['args'] }] : [];
  });
}

const nodesOf = (cache: Cache, page: string): string[] => (cache.resolve(page, 'nodes') as string[] | undefined) ?? [];

/** Adds a generation to the head of each list that it belongs to, and removes it from those whose filter it no longer matches. */
export function addToLists(cache: Cache, value: unknown): void {
  const generation = value as Generation | null;
  const key = generation && cache.keyOfEntity({ __typename: 'Generation', id: generation.id });
  if (!generation || !key) return;
  for (const { key: page, args } of pagesOf(cache)) {
    const nodes = nodesOf(cache, page);
    const isListed = nodes.includes(key);
    if (isListed && !matches(generation, args.filter ?? {}))
      cache.link(
        page,
        'nodes',
        nodes.filter((node) => node !== key),
      );
    else if (!isListed && isHead(cache, page, args, generation)) cache.link(page, 'nodes', [key, ...nodes]);
  }
}

export function removeFromLists(cache: Cache, key: string | null): void {
  if (!key) return;
  for (const { key: page } of pagesOf(cache)) {
    const nodes = nodesOf(cache, page);
    if (nodes.includes(key))
      cache.link(
        page,
        'nodes',
        nodes.filter((node) => node !== key),
      );
  }
  cache.invalidate(key);
}

/** Whether the list is newest first, and the generation is newer than its first entry. */
function isHead(cache: Cache, page: string, { after, filter, orderBy }: Page['args'], generation: Generation): boolean {
  if (after || !matches(generation, filter ?? {})) return false;
  if ((orderBy?.field ?? 'CREATED_AT') !== 'CREATED_AT' || (orderBy?.direction ?? 'DESC') !== 'DESC') return false;
  const first = nodesOf(cache, page)[0];
  const newest = first && cache.resolve(first, 'createdAt');
  return !newest || generation.createdAt >= String(newest);
}

function matches(generation: Generation, filter: Filter): boolean {
  const { status, search, isFavorite, workflow, model, createdAfter, createdBefore } = filter;
  return (
    (!status || status.includes(generation.status)) &&
    (!search || generation.prompt.toLowerCase().includes(search.toLowerCase())) &&
    (isFavorite == null || generation.isFavorite === isFavorite) &&
    (!workflow || generation.workflow.name === workflow) &&
    (!model || generation.model?.name === model) &&
    (!createdAfter || generation.createdAt >= createdAfter) &&
    (!createdBefore || generation.createdAt < createdBefore)
  );
}
