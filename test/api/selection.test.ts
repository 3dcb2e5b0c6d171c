/** Looking ahead into the selection of a field. */
import { type FieldNode, type FragmentDefinitionNode, Kind, parse } from 'graphql';
import { type Selected, selects } from '../../src/graphql/selection.js';

/** The selection of the first root field. */
function selectionOf(document: string): Selected {
  const { definitions } = parse(document);
  const [operation] = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter(
    (each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION,
  );
  const selectionSet = operation && 'selectionSet' in operation ? operation.selectionSet : undefined;
  return {
    fieldNodes: (selectionSet?.selections ?? []) as readonly FieldNode[],
    fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
  };
}

test.each<[where: string, document: string, isSelected: boolean]>([
  ['directly', '{ page { nodes { result { id } } } }', true],
  ['under an alias', '{ page { all: nodes { picture: result { id } } } }', true],
  ['in a second occurrence of its parent', '{ page { nodes { id } nodes { result { id } } } }', true],
  ['in an inline fragment', '{ page { nodes { ... on Generation { result { id } } } } }', true],
  [
    'in nested fragments',
    '{ page { ...A } } fragment A on P { nodes { ...B } } fragment B on G { result { id } }',
    true,
  ],
  ['nowhere', '{ page { nodes { id } } }', false],
  ['elsewhere', '{ page { result { nodes { id } } edges { result { id } } } }', false],
  ['under the alias of another field', '{ page { nodes { result: id } } }', false],
])('a field that is selected %s is found: %s is %s', (_, document, isSelected) => {
  expect(selects(selectionOf(document), 'nodes.result')).toBe(isSelected);
});

test('fragments that spread each other many times are visited once', () => {
  const names = Array.from({ length: 30 }, (_, nth) => `F${nth}`);
  const fragments = names.map((name, nth) => {
    const next = names[nth + 1];
    return `fragment ${name} on P { ${next ? `...${next} ...${next}` : 'id'} }`;
  });
  expect(selects(selectionOf(`{ page { ...F0 } } ${fragments.join(' ')}`), 'id')).toBe(true);
});
