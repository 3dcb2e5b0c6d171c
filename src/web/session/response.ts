/** The parts of a GraphQL request and response that both pages read. */
import type { GraphQLFormattedError } from 'graphql';

export type Request = { query: string; operationName?: string | null; variables?: Record<string, unknown> };
export type Headers = Record<string, string>;
export type GraphQLResponse = { data?: Record<string, unknown> | null; errors?: readonly GraphQLFormattedError[] };

/** Whether the API rejected the credential. A wrong password has another code. */
export function isUnauthenticated(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => error?.extensions?.code === 'UNAUTHENTICATED');
}

/** An error outside of the API, shown as a response. */
export function failure(message: string): GraphQLResponse {
  return { errors: [{ message }] };
}
