/** The classes of a document are found before it is converted, so that only those are read from ComfyUI. */
import { classNames } from '../../../src/workflows/import/class-names.js';
import { readSource, toDraft } from '../../../src/workflows/import/import.js';
import { catalogue, imported, pairs } from './support.js';

test.each(pairs)('$name becomes the same draft with only its own classes', ({ workflow }) => {
  const source = readSource(workflow);
  const names = classNames(source);
  const own = Object.fromEntries(Object.entries(catalogue).filter(([name]) => names.has(name)));
  expect(Object.keys(own).length).toBeLessThan(20);
  expect(toDraft(source, own)).toEqual(imported(workflow));
});

test('a class of a graph, of a group node and with an old name is found', () => {
  const graph = { 1: { class_type: 'SaveImage', inputs: {} } };
  expect([...classNames(readSource(graph))]).toEqual(['SaveImage']);
  const nodes = [
    { id: 1, type: 'workflow>mine' },
    { id: 2, type: 'T2IAdapterLoader' },
  ];
  const grouped = { nodes, extra: { groupNodes: { mine: { nodes: [{ type: 'VAEDecode' }] } } } };
  expect([...classNames(readSource(grouped))].sort()).toEqual(['ControlNetLoader', 'VAEDecode', 'workflow>mine']);
});
