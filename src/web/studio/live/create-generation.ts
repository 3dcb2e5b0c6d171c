/** Creates generations, which appear at once. */
import { useClient } from 'urql';
import { type Problem, problemOf } from '../api/errors';
import { graphql, type VariablesOf } from '../api/graphql';
import { CARD } from '../generation/fragments';

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
  return async (input) => {
    const { error } = await client.mutation(CREATE, { input: { idempotencyKey: crypto.randomUUID(), ...input } });
    return problemOf(error);
  };
}
