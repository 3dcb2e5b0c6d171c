/** Marks generations as favorites. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useSayProblem } from '../../ui/problems/use-say-problem';

const FAVORITE = graphql(`
  mutation Favorite($id: ID!, $isFavorite: Boolean!) {
    favoriteGeneration(id: $id, isFavorite: $isFavorite) { id revision isFavorite }
  }
`);

/** @returns a function whose effect shows at once, and is taken back if the server refuses it */
export function useFavorite(): (id: string, isFavorite: boolean) => Promise<void> {
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (id, isFavorite) => sayProblem(problemOf((await client.mutation(FAVORITE, { id, isFavorite })).error)),
    [client, sayProblem],
  );
}
