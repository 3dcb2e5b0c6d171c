/** The generations before and after the one that the viewer shows, in the order of the gallery. */
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import { type Filter, toVariables } from '../filters/filter';
import type { Gallery } from '../list/use-gallery-list';

const AHEAD = 5;

const NEIGHBOURS = graphql(`
  query Neighbours($newer: GenerationFilter!, $older: GenerationFilter!) {
    newer: generations(last: 1, filter: $newer) { edges { node { id } } }
    older: generations(first: 1, filter: $older) { edges { node { id } } }
  }
`);

type Neighbours = { previous: string | undefined; next: string | undefined; position: number | undefined };

/** @param createdAt of the shown generation, once it is known */
export function useNeighbours(id: string, createdAt: string | undefined, gallery: Gallery, filter: Filter): Neighbours {
  const { items, hasMore, isLoading, isReady, loadMore } = gallery;
  const index = items.findIndex((card) => card.id === id);
  const isNearEnd = index >= items.length - AHEAD;
  useEffect(() => {
    if (index !== -1 && isNearEnd && hasMore && !isLoading) loadMore();
  }, [index, isNearEnd, hasMore, isLoading, loadMore]);

  // A link leads to a generation that the gallery has not loaded yet.
  const { filter: base } = toVariables(filter);
  const isUnknown = isReady && index === -1 && createdAt !== undefined;
  const [{ data }] = useQuery({
    query: NEIGHBOURS,
    variables: {
      newer: { ...base, createdAfter: createdAt ?? null },
      older: { ...base, createdBefore: createdAt ?? null },
    },
    pause: !isUnknown,
    requestPolicy: 'network-only',
  });
  if (index !== -1) return { previous: items[index - 1]?.id, next: items[index + 1]?.id, position: index + 1 };
  if (!isUnknown) return { previous: undefined, next: undefined, position: undefined };
  const newer = data?.newer?.edges[0]?.node.id;
  const older = data?.older?.edges[0]?.node.id;
  const [previous, next] = filter.order === 'oldest' ? [older, newer] : [newer, older];
  return { previous, next, position: undefined };
}
