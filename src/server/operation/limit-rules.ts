/** Validation rules that limit the size of a document. The limit that depends on the values of variables is in `check-limits.ts`. */
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

/** Fields of `__Type` that lead to many other types, and from them back again without end. */
const LISTS_OF_TYPES = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);

export const isIntrospection = ({ name }: FieldNode): boolean => name.value === '__schema' || name.value === '__type';

/** Counts what is written in the document, and each fragment once. `cost.ts` counts how often a fragment is used. */
const limitCounts: ValidationRule = (context) => {
  const counts = { aliases: 0, directives: 0, fragments: 0, spreads: 0, schemas: 0, types: 0 };
  return {
    // graphql-js merges repeated fields, but compares all pairs of them before.
    SelectionSet: ({ selections }) => {
      const seen = new Set<string>();
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue;
        const key = (selection.alias ?? selection.name).value;
        if (selection.alias || seen.has(key)) counts.aliases += 1;
        seen.add(key);
        if (selection.name.value === '__schema') counts.schemas += 1;
        if (selection.name.value === '__type') counts.types += 1;
      }
    },
    Directive: () => {
      counts.directives += 1;
    },
    FragmentDefinition: () => {
      counts.fragments += 1;
    },
    FragmentSpread: () => {
      counts.spreads += 1;
    },
    Document: {
      leave: () => {
        const limit = (count: number, max: number, what: string) => {
          if (count > max) report(context, `The number of ${what}, ${count}, exceeds the limit of ${max}`);
        };
        limit(counts.aliases, MAX_ALIASES, 'aliases and repeated fields');
        limit(counts.directives, MAX_DIRECTIVES, 'directives');
        limit(counts.fragments, MAX_FRAGMENTS, 'fragments');
        limit(counts.spreads, MAX_SPREADS, 'fragment spreads');
        limit(counts.schemas, MAX_SCHEMAS, '__schema fields');
        limit(counts.types, MAX_TYPES, '__type fields');
      },
    },
  };
};

const limitDepth: ValidationRule = (context) => {
  const depth = longestPath(context, () => 1);
  const listsOfTypes = longestPath(context, ({ name }) => (LISTS_OF_TYPES.has(name.value) ? 1 : 0));
  const limit = (count: number, max: number, node: DefinitionNode | FieldNode) => {
    if (count > max) report(context, `Query depth ${count} exceeds the limit of ${max}`, node);
  };
  return {
    OperationDefinition: (operation) => limit(depth(operation.selectionSet), MAX_DEPTH, operation),
    Field: (field) => {
      // An alias allows the same introspection field twice.
      if (field.alias && context.getParentType()?.name.startsWith('__'))
        report(context, 'Introspection fields must not have aliases', field);
      if (!isIntrospection(field)) return;
      limit(1 + depth(field.selectionSet), MAX_INTROSPECTION_DEPTH, field);
      if (listsOfTypes(field.selectionSet) > 1) report(context, 'Introspection must not nest lists of types', field);
    },
  };
};

export const limitRules: readonly ValidationRule[] = [limitCounts, limitDepth];

/**
 * Measures the heaviest path from a selection set to a leaf. Measures each fragment once; leaves out introspection, which is measured
 * separately.
 */
function longestPath(
  context: ValidationContext,
  weighField: (field: FieldNode) => number,
): (set: SelectionSetNode | undefined) => number {
  const known = new Map<string, number>();
  const weighFragment = (name: string): number => {
    const weight = known.get(name);
    if (weight !== undefined) return weight;
    // Another rule rejects a fragment that contains itself.
    known.set(name, 0);
    known.set(name, weighSet(context.getFragment(name)?.selectionSet));
    return known.get(name) ?? 0;
  };
  const weighSelection = (selection: SelectionNode): number => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return weighFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return weighSet(selection.selectionSet);
    return weighField(selection) + (isIntrospection(selection) ? 0 : weighSet(selection.selectionSet));
  };
  const weighSet = (set: SelectionSetNode | undefined): number =>
    set?.selections.reduce((longest, selection) => Math.max(longest, weighSelection(selection)), 0) ?? 0;
  return weighSet;
}

const report = (context: ValidationContext, message: string, node?: DefinitionNode | FieldNode) =>
  context.reportError(new GraphQLError(message, { nodes: node ?? null }));
