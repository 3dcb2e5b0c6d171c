/** The limit that depends on the values of the variables. The limits of the document alone are in `limit-rules.ts`. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { costOf, type Fragments } from './cost.js';
import { MAX_COST } from './document-limits.js';

/** The document is valid. */
export type ChosenOperation = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown> | null | undefined;
};

const verdicts = new WeakMap<OperationDefinitionNode, boolean>();

/** @returns an error if the response may hold more than MAX_COST values */
export function checkLimits({ schema, document, operation, variables }: ChosenOperation): GraphQLError | undefined {
  if (isAlwaysCheap({ schema, document, operation })) return undefined;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 1 });
  // Execution reports invalid variables.
  if (!coerced) return undefined;
  if (costOf(operation, fragmentsOf(document), schema, coerced, MAX_COST) <= MAX_COST) return undefined;
  return new GraphQLError(
    `The response may hold more than ${MAX_COST} values: request smaller pages or fewer fields of each entry`,
    { nodes: operation, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  );
}

/** Whether any variables keep it within the limit. The verdict is kept with the document: most operations are measured once. */
function isAlwaysCheap({ schema, document, operation }: Omit<ChosenOperation, 'variables'>): boolean {
  const known = verdicts.get(operation);
  if (known !== undefined) return known;
  const verdict = costOf(operation, fragmentsOf(document), schema, undefined, MAX_COST) <= MAX_COST;
  verdicts.set(operation, verdict);
  return verdict;
}

const fragmentsOf = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
