/** What went wrong, as the page shows it. */
import type { CombinedError } from 'urql';

type Extensions = { code?: string; field?: string; nodeId?: string; missing?: { name: string }[] };
export type Problem = {
  /** A code of docs/clients.md, or NETWORK if there was no response. */
  code: string;
  message: string;
  /** The input at fault. */
  field: string | undefined;
  /** The node of a workflow at fault. */
  nodeId?: string | undefined;
  /** The names of the nodes and models that ComfyUI lacks. */
  missing?: string[] | undefined;
};

export const isCode = (error: CombinedError, code: string): boolean =>
  error.graphQLErrors.some(({ extensions }) => extensions.code === code);

/** @returns undefined if there is no error */
export function problemOf(error: CombinedError | undefined): Problem | undefined {
  if (!error) return undefined;
  const [first] = error.graphQLErrors;
  if (!first) return { code: 'NETWORK', message: error.networkError?.message ?? error.message, field: undefined };
  const { code = 'INTERNAL_SERVER_ERROR', field, nodeId, missing } = first.extensions as Extensions;
  return { code, message: first.message, field, nodeId, missing: missing?.map(({ name }) => name) };
}
