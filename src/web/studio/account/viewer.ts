/** The signed-in user. */
import { useQuery } from 'urql';
import { graphql, type ResultOf } from '../api/graphql';

const ACCOUNT = graphql(`
  query Account {
    viewer { id email name role createdAt }
  }
`);

export type Viewer = NonNullable<ResultOf<typeof ACCOUNT>['viewer']>;

export const useViewer = (): Viewer | undefined => useQuery({ query: ACCOUNT })[0].data?.viewer ?? undefined;
