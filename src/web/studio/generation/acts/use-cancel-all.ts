/** Stops many generations. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { type Problem, problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { CARD } from '../fragments';
import { MAX_IDS, partsOf } from './parts';

const CANCEL_ALL = graphql(
  `
    mutation CancelAll($ids: [ID!]!) {
      cancelGenerations(ids: $ids) { generationId generation { ...Card } error { code message } }
    }
  `,
  [CARD],
);

const UNFINISHED = graphql(`
  query Unfinished($first: Int!, $after: String) {
    generations(first: $first, after: $after, filter: { status: [PENDING, PROCESSING] }) {
      nodes { id }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** @returns a function that stops those that are not final, and says why it could not */
export function useCancelAll(): (ids: readonly string[]) => Promise<void> {
  const cancel = useCancelIds();
  const sayProblem = useSayProblem();
  return useCallback(async (ids) => sayProblem(await cancel(ids)), [cancel, sayProblem]);
}

/** @returns a function that stops all of the user's, and resolves to why it could not */
export function useCancelUnfinished(): () => Promise<Problem | undefined> {
  const client = useClient();
  const cancel = useCancelIds();
  return useCallback(async () => {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const { data, error }: Awaited<ReturnType<typeof read>> = await read(after);
      if (!data?.generations) return problemOf(error);
      ids.push(...data.generations.nodes.map(({ id }) => id));
      const { hasNextPage, endCursor } = data.generations.pageInfo;
      after = hasNextPage ? endCursor : null;
    } while (after);
    return cancel(ids);

    function read(from: string | null) {
      const variables = { first: MAX_IDS, after: from };
      return client.query(UNFINISHED, variables, { requestPolicy: 'network-only' }).toPromise();
    }
  }, [client, cancel]);
}

function useCancelIds(): (ids: readonly string[]) => Promise<Problem | undefined> {
  const client = useClient();
  return useCallback(
    async (ids) => {
      let problem: Problem | undefined;
      for (const part of partsOf(ids)) {
        const { error } = await client.mutation(CANCEL_ALL, { ids: part });
        problem ??= problemOf(error);
      }
      return problem;
    },
    [client],
  );
}
