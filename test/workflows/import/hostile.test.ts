/** Documents that are wrong, or made to harm. */
import fc from 'fast-check';
import { imported, node, pairs, refusal } from './support.js';

const nested = (levels: number) => `{"nodes":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const subgraph = (id: string, nodes: unknown[]) => ({ id, nodes, links: [], inputs: [], outputs: [] });

test.each<[string, unknown, RegExp]>([
  ['text that is no JSON', 'hello', /not JSON/],
  ['nothing', '', /not JSON/],
  ['null', null, /not a workflow/],
  ['a list', '[]', /not a workflow/],
  ['another object', '{"a":1}', /neither a list of `nodes`/],
  ['50 MB of text', `{"x":"${'a'.repeat(50_000_000)}"}`, /longer than 2 MB/],
  ['50 MB of bytes', Buffer.alloc(50_000_000, 'a'), /too long/],
  ['words that are no JSON before quotes that do not close', `NaN${'\\"'.repeat(900_000)}`, /not JSON/],
  ['a NUL character', '{"1":{"class_type":"A","inputs":{"text":"a\\u0000b"}}}', /NUL/],
  ['a NUL character in a name', { 1: { class_type: 'A', inputs: { 'a\0b': 1 } } }, /NUL/],
  ['half a surrogate pair', '{"1":{"class_type":"A","inputs":{"text":"\\ud800"}}}', /Unicode/],
  ['1,000 levels', nested(1000), /levels/],
  ['more values than fit', `{"nodes":[],"x":[${'0,'.repeat(300_000)}0]}`, /values/],
  ['100,000 nodes', { nodes: Array.from({ length: 100_000 }, () => 0) }, /100000 nodes/],
  [
    'a subgraph that contains itself',
    { nodes: [node(1, 'a')], definitions: { subgraphs: [subgraph('a', [node(1, 'a')])] } },
    /contains itself/,
  ],
  [
    'subgraphs that multiply',
    {
      nodes: [node(1, 's0')],
      definitions: {
        subgraphs: Array.from({ length: 12 }, (_, level) =>
          subgraph(
            `s${level}`,
            Array.from({ length: 10 }, (_unused, id) => node(id, `s${level + 1}`)),
          ),
        ),
      },
    },
    /more than 2000 nodes/,
  ],
])('%s is refused', (_, document, message) => {
  expect(refusal(document)).toEqual({
    code: 'BAD_USER_INPUT',
    field: 'document',
    message: expect.stringMatching(message),
  });
});

test('names of the prototype are plain names, but __proto__ is left out', () => {
  const text = `{"__proto__":{"class_type":"VAEDecode","inputs":{}},
    "constructor":{"class_type":"toString","inputs":{"__proto__":1,"valueOf":["hasOwnProperty",0]}}}`;
  const { graph, problems } = imported(text);
  expect(graph).toEqual({ constructor: { class_type: 'toString', inputs: {} } });
  expect(problems.map(({ code }) => code).sort()).toEqual(['BROKEN_LINK', 'MALFORMED', 'MALFORMED']);
});

test('numbers that no JSON can hold are problems', () => {
  const text = '{"1":{"class_type":"KSampler","inputs":{"seed":1e400,"steps":123456789012345678901234567890}}}';
  expect(imported(text).problems.map(({ code }) => code)).toEqual(['ROUNDED_NUMBER', 'WRONG_VALUE']);
});

test('of two nodes with one id the first is used', () => {
  const { graph, problems } = imported({ nodes: [node(1, 'VAEDecode'), node('1', 'VAELoader')] });
  expect(graph[1]?.class_type).toBe('VAEDecode');
  expect(problems).toMatchObject([{ code: 'DUPLICATE_ID', nodeId: '1' }]);
});

const HOSTILE = [null, true, -1, 1e308, 2 ** 53, '', '__proto__', 'constructor', {}, [], [null], ['3', 0], ['3', -1]];

type Container = Record<string, unknown>;

/** Every place in a document. */
function places(value: unknown, found: [Container, string][] = []): [Container, string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Container, key]);
    places((value as Container)[key], found);
  }
  return found;
}

test('a mutated document is imported with sound bindings, or refused', () => {
  const mutation = fc.record({ at: fc.nat(), kind: fc.nat(2), other: fc.nat() });
  const documents = pairs.flatMap(({ workflow, prompt }) => [workflow, prompt, { workflow, prompt }]);
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      (document, mutations) => {
        const mutated = structuredClone(document);
        for (const { at, kind, other } of mutations) {
          const all = places(mutated);
          const [[parent, key] = [{}, ''], [source, name] = [{}, '']] = [all[at % all.length], all[other % all.length]];
          if (kind === 0) delete parent[key];
          else parent[key] = structuredClone(kind === 1 ? HOSTILE[other % HOSTILE.length] : source[name]);
        }
        try {
          const { graph, inputs } = imported(JSON.stringify(mutated));
          for (const { nodeId, input } of inputs.flatMap(({ bindings }) => bindings))
            expect(Object.keys(graph[nodeId]?.inputs ?? {})).toContain(input);
          expect(new Set(inputs.map(({ name }) => name)).size).toBe(inputs.length);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) throw error;
          expect(error).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'document' } });
        }
      },
    ),
    { numRuns: 300 },
  );
});
