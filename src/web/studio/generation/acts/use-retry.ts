/** Makes generations again, with the same settings and seed. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { CARD } from '../fragments';
import { useSayCreated } from './use-say-created';

const RETRY = graphql(
  `
    mutation Retry($id: ID!) {
      retryGeneration(id: $id) { ...Card }
    }
  `,
  [CARD],
);

/** @returns a function that resolves to the id of the new generation; undefined if there is none, and the user knows why */
export function useRetry(): (id: string) => Promise<string | undefined> {
  const client = useClient();
  const sayProblem = useSayProblem();
  const sayCreated = useSayCreated();
  return useCallback(
    async (id) => {
      const { data, error } = await client.mutation(RETRY, { id });
      sayProblem(problemOf(error));
      if (!error) sayCreated(1);
      return data?.retryGeneration?.id;
    },
    [client, sayProblem, sayCreated],
  );
}
