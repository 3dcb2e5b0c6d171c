/** Stops all of the selected generations that are not final. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { CARD } from '../../generation/fragments';
import { useSayProblem } from '../../ui/problems/use-say-problem';

/** A limit of the API. */
const MAX_IDS = 100;

const CANCEL_ALL = graphql(
  `
    mutation CancelAll($ids: [ID!]!) {
      cancelGenerations(ids: $ids) { generationId generation { ...Card } error { code message } }
    }
  `,
  [CARD],
);

export function useCancelAll(): (ids: readonly string[]) => Promise<void> {
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (ids) => {
      for (let at = 0; at < ids.length; at += MAX_IDS)
        sayProblem(problemOf((await client.mutation(CANCEL_ALL, { ids: ids.slice(at, at + MAX_IDS) })).error));
    },
    [client, sayProblem],
  );
}
