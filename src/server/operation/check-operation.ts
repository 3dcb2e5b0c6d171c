/** What can be judged only when the operation is chosen and its values are known. The same over every door. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { unauthenticated } from '../../graphql/errors.js';
import { costOf, type Fragments } from './cost.js';
import { MAX_COST } from './document-limits.js';

export type Asker = {
  /** Whether `__schema` is answered. */
  mayIntrospect: boolean;
};

/** Why the operation is not to be executed, if so. Expects a validated document. */
export function judge(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown> | null | undefined,
  schema: GraphQLSchema,
  { mayIntrospect }: Asker,
): GraphQLError | undefined {
  if (!mayIntrospect && asksForSchema(document)) return unauthenticated('Sign in to read the schema');
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 1 });
  // Values that do not fit are refused by execution.
  if (!coerced) return undefined;
  if (costOf(operation, fragmentsOf(document), schema, coerced, MAX_COST) <= MAX_COST) return undefined;
  return new GraphQLError(
    `The answer may hold more than ${MAX_COST} values: ask for smaller pages, or for less of each entry`,
    { nodes: operation, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  );
}

const fragmentsOf = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );

/** `__type` stays: it answers only who knows already what to ask for. */
function asksForSchema(document: DocumentNode): boolean {
  let isAsked = false;
  visit(document, {
    Field: ({ name }) => {
      if (name.value === '__schema') isAsked = true;
    },
  });
  return isAsked;
}
