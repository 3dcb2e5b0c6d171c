/** Looks ahead into the selection of a field, so that one statement reads all that was selected. */
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

export type Selected = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/**
 * Whether the field at the path, such as `nodes.result`, is selected below the resolved field, on any type. Fields that `@skip` or `@include`
 * leaves out count as selected.
 */
export function selects({ fieldNodes, fragments }: Selected, path: string): boolean {
  let nodes: readonly FieldNode[] = fieldNodes;
  for (const name of path.split('.')) nodes = fieldsNamed(name, nodes, fragments);
  return nodes.length > 0;
}

function fieldsNamed(name: string, parents: readonly FieldNode[], fragments: Selected['fragments']): FieldNode[] {
  const found: FieldNode[] = [];
  // Each fragment is visited once: a short document can spread one a million times.
  const visited = new Set<string>();
  const visit = (set: SelectionSetNode | undefined) => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value === name) found.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        visit(fragments[selection.name.value]?.selectionSet);
      }
    }
  };
  for (const { selectionSet } of parents) visit(selectionSet);
  return found;
}
