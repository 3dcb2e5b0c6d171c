/** Ends sessions. */
import { memory } from '../api/account';
import type { Problem } from '../api/errors';
import { graphql } from '../api/graphql';
import { useMutate } from '../ui/forms/mutate';

const SIGN_OUT = graphql(`
  mutation SignOut($everywhere: Boolean!) {
    signOut(everywhere: $everywhere)
  }
`);

/** @returns a function that signs out, and resolves to why that failed */
export function useSignOut(): (everywhere: boolean) => Promise<Problem | undefined> {
  const mutate = useMutate(SIGN_OUT);
  return async (everywhere) => {
    const { problem } = await mutate({ everywhere });
    // Without a response the session lives on at the server, but this device shall not keep its tokens.
    if (!problem || !everywhere) memory.forgetTokens();
    return problem;
  };
}
