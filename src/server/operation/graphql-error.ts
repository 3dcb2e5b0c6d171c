/** The one place where a domain refusal becomes a GraphQL error. */
import { GraphQLError } from 'graphql';
import type { Refusal } from '../../graphql/errors.js';

/** @param located the error that graphql-js made of the refusal, with its path and locations */
export const toGraphQLError = ({ code, message, details }: Refusal, located?: GraphQLError): GraphQLError =>
  new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    path: located?.path ?? null,
    extensions: { code, ...details },
  });
