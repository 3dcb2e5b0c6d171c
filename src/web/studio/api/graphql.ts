/** Typed documents: `graphql` infers the types of results and variables from schema.graphql. */
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './schema-types';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; JSON: unknown; Seed: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
