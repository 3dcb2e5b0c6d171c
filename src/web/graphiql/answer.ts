/** What the API answers, as far as the page looks into it. */
import type { FetcherParams } from '@graphiql/toolkit';
import type { GraphQLFormattedError } from 'graphql';

export type Request = FetcherParams;
export type Headers = Record<string, string>;
export type Answer = { data?: Record<string, unknown> | null; errors?: readonly GraphQLFormattedError[] };

/** Whether the credential was refused; a wrong password is no such thing. */
export function isRefused(errors: unknown): boolean {
  return Array.isArray(errors) && errors.some((error) => error?.extensions?.code === 'UNAUTHENTICATED');
}

/** For what went wrong outside of the API: shown in the place of an answer. */
export function failure(message: string): Answer {
  return { errors: [{ message }] };
}
