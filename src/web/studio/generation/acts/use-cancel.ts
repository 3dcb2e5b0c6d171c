/** Stops generations. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { CARD } from '../fragments';

const CANCEL = graphql(
  `
    mutation Cancel($id: ID!) {
      cancelGeneration(id: $id) { ...Card }
    }
  `,
  [CARD],
);

export function useCancel(): (id: string) => Promise<void> {
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (id) => sayProblem(problemOf((await client.mutation(CANCEL, { id })).error)),
    [client, sayProblem],
  );
}
