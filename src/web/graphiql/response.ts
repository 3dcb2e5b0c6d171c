/** The parts of a GraphQL response that the page reads. */
import type { FetcherParams } from '@graphiql/toolkit';
import type { GraphQLFormattedError } from 'graphql';

export type Request = FetcherParams;
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
