/** What the gallery reads. */
import { graphql } from '../../api/graphql';
import { CARD } from '../../generation/fragments';

/** It selects no more of a generation than live changes bring: else each new one would make the cache read the page again. */
export const PAGE = graphql(
  `
    query GalleryPage($first: Int!, $after: String, $filter: GenerationFilter, $orderBy: GenerationOrder) {
      generations(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
        nodes { ...Card }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [CARD],
);

export const COUNT = graphql(`
  query GalleryCount($filter: GenerationFilter) {
    generations(first: 1, filter: $filter) { totalCount }
  }
`);
