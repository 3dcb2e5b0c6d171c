/** Rules on the size of a document, beside those of the GraphQL specification. What depends on the values of variables is in `cost.ts`. */
import {
  type DefinitionNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import {
  MAX_ALIASES,
  MAX_DEPTH,
  MAX_DIRECTIVES,
  MAX_FRAGMENTS,
  MAX_INTROSPECTION_DEPTH,
  MAX_SCHEMAS,
  MAX_SPREADS,
  MAX_TYPES,
} from './document-limits.js';

/** Fields of `__Type` that lead to many others: the way into the schema, and back out of it, for ever. */
const LISTS_OF_TYPES = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);

export const isIntrospection = ({ name }: FieldNode): boolean => name.value === '__schema' || name.value === '__type';

/** Names are counted as they are written. How often a fragment's are used is a matter of its cost. */
const limitNumbers: ValidationRule = (context) => {
  const numbers = { aliases: 0, directives: 0, fragments: 0, spreads: 0, schemas: 0, types: 0 };
  return {
    // A field that is written again is merged with the first, but only after all of them have been compared.
    SelectionSet: ({ selections }) => {
      const seen = new Set<string>();
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue;
        const key = (selection.alias ?? selection.name).value;
        if (selection.alias || seen.has(key)) numbers.aliases += 1;
        seen.add(key);
        if (selection.name.value === '__schema') numbers.schemas += 1;
        if (selection.name.value === '__type') numbers.types += 1;
      }
    },
    Directive: () => {
      numbers.directives += 1;
    },
    FragmentDefinition: () => {
      numbers.fragments += 1;
    },
    FragmentSpread: () => {
      numbers.spreads += 1;
    },
    Document: {
      leave: () => {
        const limit = (number: number, most: number, what: string) => {
          if (number > most) report(context, `The document has ${number} ${what}, of ${most} that it may have`);
        };
        limit(numbers.aliases, MAX_ALIASES, 'aliases and repeated fields');
        limit(numbers.directives, MAX_DIRECTIVES, 'directives');
        limit(numbers.fragments, MAX_FRAGMENTS, 'fragments');
        limit(numbers.spreads, MAX_SPREADS, 'spreads of fragments');
        limit(numbers.schemas, MAX_SCHEMAS, 'fields __schema');
        limit(numbers.types, MAX_TYPES, 'fields __type');
      },
    },
  };
};

const limitDepth: ValidationRule = (context) => {
  const depth = longestPath(context, () => 1);
  const listsOfTypes = longestPath(context, ({ name }) => (LISTS_OF_TYPES.has(name.value) ? 1 : 0));
  const limit = (deep: number, most: number, node: DefinitionNode | FieldNode) => {
    if (deep > most) report(context, `The document is ${deep} fields deep, of ${most} that it may be`, node);
  };
  return {
    OperationDefinition: (operation) => limit(depth(operation.selectionSet), MAX_DEPTH, operation),
    Field: (field) => {
      // What is asked for once needs no other name.
      if (field.alias && context.getParentType()?.name.startsWith('__'))
        report(context, 'Introspection takes no aliases', field);
      if (!isIntrospection(field)) return;
      limit(1 + depth(field.selectionSet), MAX_INTROSPECTION_DEPTH, field);
      if (listsOfTypes(field.selectionSet) > 1) report(context, 'Introspection may not go round in circles', field);
    },
  };
};

export const limitRules: readonly ValidationRule[] = [limitNumbers, limitDepth];

/** The heaviest way from a selection set to a leaf. Each fragment is measured once; introspection is measured by itself. */
function longestPath(
  context: ValidationContext,
  weigh: (field: FieldNode) => number,
): (set: SelectionSetNode | undefined) => number {
  const known = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const weight = known.get(name);
    if (weight !== undefined) return weight;
    // One that contains itself is refused by another rule.
    known.set(name, 0);
    known.set(name, ofSet(context.getFragment(name)?.selectionSet));
    return known.get(name) ?? 0;
  };
  const ofSelection = (selection: SelectionNode): number => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet);
    return weigh(selection) + (isIntrospection(selection) ? 0 : ofSet(selection.selectionSet));
  };
  const ofSet = (set: SelectionSetNode | undefined): number =>
    set?.selections.reduce((longest, selection) => Math.max(longest, ofSelection(selection)), 0) ?? 0;
  return ofSet;
}

const report = (context: ValidationContext, message: string, node?: DefinitionNode | FieldNode) =>
  context.reportError(new GraphQLError(message, { nodes: node ?? null }));
