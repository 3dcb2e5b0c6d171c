/** Stops generations. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { CARD } from '../fragments';
import { useSayProblem } from './use-say-problem';

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
