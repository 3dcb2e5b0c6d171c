/** Makes generations again, with the same settings and seed. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../api/errors';
import { graphql } from '../api/graphql';
import { CARD } from './fragments';
import { useSayProblem } from './use-say-problem';

const RETRY = graphql(
  `
    mutation Retry($id: ID!) {
      retryGeneration(id: $id) { ...Card }
    }
  `,
  [CARD],
);

export function useRetry(): (id: string) => Promise<void> {
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (id) => sayProblem(problemOf((await client.mutation(RETRY, { id })).error)),
    [client, sayProblem],
  );
}
