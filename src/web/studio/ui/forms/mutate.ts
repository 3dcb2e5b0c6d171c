/** Runs mutations, for forms and buttons. */
import { type AnyVariables, type DocumentInput, useClient } from 'urql';
import { type Problem, problemOf } from '../../api/errors';

type Outcome<Data> = { data: Data | undefined; problem: Problem | undefined };

/** @returns a function that runs the mutation, and resolves to its data or to why it failed */
export function useMutate<Data, Variables extends AnyVariables>(
  document: DocumentInput<Data, Variables>,
): (variables: Variables) => Promise<Outcome<Data>> {
  const client = useClient();
  return async (variables) => {
    const { data, error } = await client.mutation<Data, Variables>(document, variables);
    const problem = problemOf(error);
    return { data: problem ? undefined : data, problem };
  };
}
