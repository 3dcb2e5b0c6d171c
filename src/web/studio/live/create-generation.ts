/** Creates generations, which appear at once. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { type Problem, problemOf } from '../api/errors';
import { graphql, type VariablesOf } from '../api/graphql';
import { CARD } from '../generation/fragments';
import { useCreations } from './creations';

const CREATE = graphql(
  `
    mutation CreateGeneration($input: CreateGenerationInput!) {
      createGeneration(input: $input) { ...Card }
    }
  `,
  [CARD],
);

export type CreateInput = VariablesOf<typeof CREATE>['input'];

/** @returns a function that creates a generation, and resolves to why it was not created; undefined if it was */
export function useCreateGeneration(): (input: CreateInput) => Promise<Problem | undefined> {
  const client = useClient();
  const creations = useCreations();
  return useCallback(
    async (input) => {
      const text = JSON.stringify(input);
      const key = creations.start(input.prompt ?? '', text);
      const { error } = await client.mutation(CREATE, { input: { ...input, idempotencyKey: key } });
      const problem = problemOf(error);
      if (problem?.code === 'NETWORK') creations.endUnanswered(key, text);
      else creations.end(key);
      return problem;
    },
    [client, creations],
  );
}
