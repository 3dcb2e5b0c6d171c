/** What the root fields of an operation decide. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Fields that need no account. They are executed in spite of a bad credential: clients attach an expired token to every request. */
const PUBLIC_FIELDS = new Set([
  'signUp',
  'signIn',
  'refreshSession',
  'sharedGeneration',
  '__typename',
  '__schema',
  '__type',
]);

export const isPublic = (operation: OperationDefinitionNode, document: DocumentNode): boolean =>
  hasOnlyRootFields(PUBLIC_FIELDS, operation, document);

/** Whether every root field of the operation is among the names. Expects a valid document: fragments exist, and form no cycle. */
export function hasOnlyRootFields(
  names: ReadonlySet<string>,
  operation: OperationDefinitionNode,
  document: DocumentNode,
): boolean {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment.selectionSet]),
  );
  const areAllNamed = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return names.has(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return areAllNamed(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      // Visit each fragment once: a short document can spread one a million times.
      fragments.delete(selection.name.value);
      return fragment === undefined || areAllNamed(fragment);
    }) ?? false;
  return areAllNamed(operation.selectionSet);
}
