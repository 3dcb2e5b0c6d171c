/** What is answered without an account, and so in spite of a bad credential too: a client may attach its expired token everywhere. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

const PUBLIC = new Set(['signUp', 'signIn', 'refreshSession', '__typename', '__schema', '__type']);

/** Whether every root field of the operation is public. Expects a validated document: fragments exist, and form no circle. */
export function isPublic(operation: OperationDefinitionNode, document: DocumentNode): boolean {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment.selectionSet]),
  );
  const areAllPublic = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.every((selection) => {
      if (selection.kind === Kind.FIELD) return PUBLIC.has(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return areAllPublic(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      // Looked at once: a short document can spread one fragment a million times.
      fragments.delete(selection.name.value);
      return fragment === undefined || areAllPublic(fragment);
    }) ?? false;
  return areAllPublic(operation.selectionSet);
}
