/** Invalid workflows are BAD_USER_INPUT with the field and the node at fault, over every transport, and nothing is stored. */
import { parseGraph } from '../../../src/workflows/graph/parse-graph.js';
import { codeOf, sql, tryCreate } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { TRANSPORTS } from '../../support/transports.js';
import { CARD, COLLAGE, trySave } from './support.js';

let app: TestApp;
let admin: Client;
beforeAll(async () => {
  app = await startTestApp();
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterAll(() => app?.close());
afterEach(async () => {
  expect(await sql(app, 'select from workflows')).toEqual([]);
  expect(await sql(app, 'select from generations')).toEqual([]);
});

const SAVE = 'mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { id } }';
/** As JSON.parse reads it: the member is the object's own. */
const withOwn = (name: string, value: unknown, rest: object = {}): object => {
  const object: object = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(value)}}`);
  for (const [key, each] of Object.entries(rest)) Object.defineProperty(object, key, { value: each, enumerable: true });
  return object;
};
const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
};
const node = (inputs: object, class_type = 'ImageInvert') => ({ class_type, inputs });
const bound = (input: object, name = 'a') => ({ inputs: [{ name, nodeId: '1', input: 'width', ...input }] });

type Case = [claim: string, input: Record<string, unknown>, field: string, nodeId?: string];
const GRAPHS: Case[] = [
  ['no object', { graph: 'text' }, 'graph'],
  ['a list', { graph: [CARD] }, 'graph'],
  ['an empty graph', { graph: {} }, 'graph'],
  ['a graph in the format of ComfyUI’s page', { graph: { nodes: [], links: [] } }, 'graph'],
  ['a node that is no object', { graph: { ...CARD, '7': null } }, 'graph', '7'],
  ['a node without a class', { graph: { ...CARD, '7': { inputs: {} } } }, 'graph', '7'],
  ['a node without inputs', { graph: { ...CARD, '7': { class_type: 'ImageInvert' } } }, 'graph', '7'],
  ['a list that is no link', { graph: { ...CARD, '7': node({ image: ['1', 0, 0] }) } }, 'graph', '7'],
  ['a link with a negative output', { graph: { ...CARD, '7': node({ image: ['1', -1] }) } }, 'graph', '7'],
  ['a wrapped link', { graph: { ...CARD, '7': node({ image: { __value__: ['8', 0] } }) } }, 'graph', '7'],
  ['a link to a missing node', { graph: { ...CARD, '7': node({ image: ['8', 0] }) } }, 'graph', '7'],
  ['a link to a name of Object', { graph: { ...CARD, '7': node({ image: ['toString', 0] }) } }, 'graph', '7'],
  [
    'a link to an output that its class does not have',
    { graph: { ...CARD, '3': node({ images: ['1', 1], filename_prefix: '' }, 'SaveImage') } },
    'graph',
    '3',
  ],
  [
    'a cycle',
    { graph: { ...CARD, '7': node({ image: ['8', 0] }), '8': node({ image: ['7', 0] }) } },
    'graph',
    expect.stringMatching(/^[78]$/) as unknown as string,
  ],
  [
    'a link to an output of another type',
    {
      graph: {
        ...CARD,
        '3': node({ images: ['8', 0], filename_prefix: '' }, 'SaveImage'),
        '8': node({}, 'EmptyLatentImage'),
      },
    },
    'graph',
    expect.stringMatching(/^[38]$/) as unknown as string,
  ],
  [
    'a value out of range',
    { graph: { ...CARD, '1': node({ ...CARD['1'].inputs, width: -1 }, 'EmptyImage') } },
    'graph',
    '1',
  ],
  [
    'a picture that is too large',
    { graph: { ...CARD, '1': node({ ...CARD['1'].inputs, width: 16_384, height: 16_384 }, 'EmptyImage') } },
    'graph',
    '1',
  ],
  ['a node that links to itself', { graph: { ...CARD, '7': node({ image: ['7', 0] }) } }, 'graph', '7'],
  ['a graph without an output node', { graph: { '1': CARD['1'] } }, 'graph'],
  ['1,000 levels', { graph: { ...CARD, '7': node({ image: nested(1_000) }) } }, 'graph'],
  ['2,001 nodes', { graph: Object.fromEntries(Array.from({ length: 2_001 }, (_, nth) => [nth, node({})])) }, 'graph'],
  ['__proto__ as a node id', { graph: withOwn('__proto__', CARD['1'], CARD) }, 'graph', '__proto__'],
  ['constructor as a node id', { graph: { ...CARD, constructor: CARD['1'] } }, 'graph', 'constructor'],
  ['__proto__ as an input', { graph: { ...CARD, '7': node(withOwn('__proto__', 1)) } }, 'graph', '7'],
  ['constructor as a class', { graph: { ...CARD, '7': node({}, 'constructor') } }, 'graph', '7'],
  ['a control character in a node id', { graph: { ...CARD, '7\n': node({}) } }, 'graph', '7\n'],
  ['a NUL character', { graph: { ...CARD, '7': node({ text: 'a\0b' }) } }, 'graph'],
  ['half a surrogate pair', { graph: { ...CARD, '7': node({ text: '\ud800' }) } }, 'graph'],
];
const NAMES: Case[] = [
  '',
  'A',
  'a b',
  '-a',
  'a_b',
  'ä',
  'x'.repeat(65),
  'constructor',
  '__proto__',
  `graph-${'0'.repeat(40)}`,
].map((name) => [`the name ${JSON.stringify(name)}`, { name }, 'name']);
const BINDINGS: Case[] = [
  ['LORAS for a value', bound({ type: 'LORAS' }), 'inputs', '1'],
  [
    'two bindings of one name',
    { inputs: [bound({}).inputs[0], { name: 'a', nodeId: '1', input: 'height' }] },
    'inputs',
  ],
  ['two bindings of one place', { inputs: [bound({}).inputs[0], bound({}, 'b').inputs[0]] }, 'inputs', '1'],
  ['one place twice in one binding', bound({ also: [{ nodeId: '1', input: 'width' }] }), 'inputs', '1'],
  ['a binding to a missing node', bound({ nodeId: '9' }), 'inputs', '9'],
  ['a binding to a node named as a member of Object', bound({ nodeId: 'constructor' }), 'inputs', 'constructor'],
  ['a binding to an input that the class does not have', bound({ input: 'depth' }), 'inputs', '1'],
  ['a binding to __proto__', bound({ input: '__proto__' }), 'inputs', '1'],
  ['a binding to a link', bound({ nodeId: '2', input: 'image' }), 'inputs', '2'],
  ['a binding to the prefix of file names', bound({ nodeId: '3', input: 'filename_prefix' }), 'inputs', '3'],
  ['a name with a dot', bound({}, 'a.b'), 'inputs'],
  ['an input named constructor', bound({}, 'constructor'), 'inputs'],
  ['an input named __proto__', bound({}, '__proto__'), 'inputs'],
  ['a type that the node does not take', bound({ type: 'STRING' }), 'inputs', '1'],
  [
    'a type that a second place does not take',
    bound({ type: 'SEED', also: [{ nodeId: '2', input: 'strength' }] }),
    'inputs',
    '2',
  ],
  ['a default below the minimum', bound({ min: 32, default: 16 }), 'inputs'],
  ['a default above the maximum', bound({ max: 32 }), 'inputs'],
  ['a default of another type', bound({ default: 'wide' }), 'inputs'],
  ['a minimum above the maximum', bound({ min: 128, max: 64, default: 100 }), 'inputs'],
  ['a maximum beyond ComfyUI’s', bound({ max: 1_000_000_000 }), 'inputs'],
  ['choices of a number', bound({ choices: ['1'] }), 'inputs'],
  ['a title that is too long', bound({ title: 'x'.repeat(201) }), 'inputs'],
  ['201 inputs', { inputs: Array.from({ length: 201 }, (_, nth) => bound({}, `a${nth}`).inputs[0]) }, 'inputs'],
  ['an output of a missing node', { outputs: [{ name: 'a', nodeId: '9' }] }, 'outputs', '9'],
  ['an output of a node that keeps nothing', { outputs: [{ name: 'a', nodeId: '1' }] }, 'outputs', '1'],
  ['two outputs of one name', { outputs: [1, 2].map(() => ({ name: 'a', nodeId: '3' })) }, 'outputs'],
  ['an output named __proto__', { outputs: [{ name: '__proto__', nodeId: '3' }] }, 'outputs'],
  ['a description that is too long', { description: 'x'.repeat(10_001) }, 'description'],
  ['a title with a NUL character', { title: '\0' }, 'title'],
  [
    'a default for a picture',
    { graph: COLLAGE, inputs: [{ name: 'a', nodeId: 'a', input: 'image', default: 'x' }] },
    'inputs',
  ],
  [
    'a STRING for a picture',
    { graph: COLLAGE, inputs: [{ name: 'a', nodeId: 'a', input: 'image', type: 'STRING' }] },
    'inputs',
    'a',
  ],
];

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each([...GRAPHS, ...NAMES, ...BINDINGS])('%s', async (...[, input, field, nodeId]) => {
    const variables = { input: { name: 'card', graph: CARD, inputs: [], ...input } };
    const { data, errors } = await send(app.url, admin.token, { query: SAVE, variables });
    expect(errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', field }) }),
    ]);
    expect(errors?.[0]?.extensions.nodeId).toEqual(nodeId);
    expect(data).toEqual({ saveWorkflow: null });
  });

  test.each(GRAPHS)('%s is no graph of createGeneration', async (...[, input, field, nodeId]) => {
    const query = 'mutation ($graph: JSON) { createGeneration(input: { graph: $graph }) { id } }';
    const { errors } = await send(app.url, admin.token, { query, variables: { graph: input.graph } });
    expect(errors?.map(({ extensions: { code, field, nodeId } }) => ({ code, field, nodeId }))).toEqual([
      { code: 'BAD_USER_INPUT', field, nodeId },
    ]);
  });
});

test('a graph of 50 MB or of 100,000 nodes is rejected before it is copied', () => {
  const big = { ...CARD, '7': node({ text: 'x'.repeat(50 * 1024 * 1024) }) };
  expect(() => parseGraph(big)).toThrow(/more than the limit of 1048576/);
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [nth, node({})]));
  expect(() => parseGraph(many)).toThrow('graph has 100000 nodes, more than the limit of 2000');
});

test('a number that JSON cannot write is rejected, and not stored as null', () => {
  const graph = JSON.parse(JSON.stringify({ ...CARD, '7': node({ value: 'much' }) }).replace('"much"', '1e400'));
  expect(() => parseGraph(graph)).toThrow('graph must not contain numbers beyond 1.8e308');
});

test('invalid values beside a valid graph store nothing', async () => {
  for (const input of [
    { workflow: 'test-card' },
    { prompt: 'a hill' },
    { parameters: { '9.x': 1 } },
    { parameters: { '1.width': 'wide' } },
    { parameters: { '3.filename_prefix': '../../etc' } },
    { parameters: JSON.parse('{"__proto__": {"x": 1}}') },
    { parameters: { constructor: 1 } },
    { priority: 11 },
  ]) {
    const own = { prompt: null, width: null, height: null, steps: null, graph: CARD, ...input };
    expect([input, await codeOf(tryCreate(admin, own))]).toEqual([input, 'BAD_USER_INPUT']);
  }
  const deep = { graph: { ...CARD, '7': node({ a: nested(500) }) }, idempotencyKey: 'deep' };
  const { errors } = await tryCreate(admin, deep);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'graph' });
});

test('more versions than the limit are rejected', async () => {
  await sql(
    app,
    `insert into workflows (id, owner_id, name, version, graph, inputs, outputs)
     select gen_random_uuid(), u.id, 'many', n, '{}', '[]', '[]' from users u, generate_series(1, 2000) n`,
  );
  expect(await codeOf(trySave(admin, {}))).toBe('BAD_USER_INPUT');
  await sql(app, 'delete from workflows');
});
