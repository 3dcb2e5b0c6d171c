/** The lists of the live room. */
import { useEffect } from 'react';
import { useQuery } from 'urql';
import { useGaps } from '../api/api-context';
import { graphql, type VariablesOf } from '../api/graphql';
import { CARD, type Card } from '../generation/fragments';

const PAGE = graphql(
  `
    query Live($first: Int!, $filter: GenerationFilter!, $orderBy: GenerationOrder) {
      generations(first: $first, filter: $filter, orderBy: $orderBy) {
        nodes { ...Card }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [CARD],
);

type Variables = VariablesOf<typeof PAGE>;

/** No ComfyUI executes as many at once. */
export const RUNNING: Variables = { first: 50, filter: { status: ['PROCESSING', 'CANCELING'] } };
/** What comes next. */
export const NEXT: Variables = {
  first: 20,
  filter: { status: ['PENDING'] },
  orderBy: { field: 'CREATED_AT', direction: 'ASC' },
};
/** What was created last. */
export const NEWEST: Variables = { first: 20, filter: { status: ['PENDING'] } };
export const ENDED: Variables = {
  first: 20,
  filter: { status: ['COMPLETED', 'FAILED', 'CANCELED'] },
  orderBy: { field: 'COMPLETED_AT', direction: 'DESC' },
};

type Page = { cards: readonly Card[]; hasMore: boolean; isKnown: boolean; hasFailed: boolean };

const NONE: readonly Card[] = [];

/** Live changes grow and shrink the list: it is read again when little is left of it, or when changes were missed. */
export function usePage(variables: Variables): Page {
  const [{ data, error }, read] = useQuery({ query: PAGE, variables });
  useGaps(() => read({ requestPolicy: 'network-only' }));
  const cards = data?.generations?.nodes ?? NONE;
  const hasMore = data?.generations?.pageInfo.hasNextPage ?? false;
  const isShort = hasMore && cards.length < variables.first / 2;
  useEffect(() => {
    if (isShort) read({ requestPolicy: 'network-only' });
  }, [isShort, read]);
  return {
    cards: cards.length > variables.first ? cards.slice(0, variables.first) : cards,
    hasMore: hasMore || cards.length > variables.first,
    isKnown: data?.generations != null,
    hasFailed: error !== undefined && data?.generations == null,
  };
}
