/**
 * Documents of ComfyUI become drafts, which are saved with their proposed inputs and run with others.
 *
 * @slow: runs generations.
 */
import type { SimulatorOptions } from '../../../src/simulator/index.js';
import { filled, picture } from '../../assets/uploads/support.js';
import { becomes, codeOf, create, dataOf, sql, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp, type Variables } from '../../support/client.js';
import { TRANSPORTS } from '../../support/transports.js';
import { pair } from '../import/support.js';
import { type Draft, IMPORT, tryImport } from './drafts.js';
import { CARD, COLLAGE, save } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' } });
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(() => app?.close());

const draftOf = async (input: Variables): Promise<Draft> => (await dataOf(tryImport(input, alice))).importWorkflow;

/** As a client that changes nothing does it. */
const saveDraft = (name: string, { graph, inputs, outputs }: Draft) =>
  save(alice, {
    name,
    graph,
    inputs: inputs.map(({ proposal, ...places }) => {
      const { step: _, modelKind: __, isMultiline: ___, ...given } = proposal;
      return { ...places, ...given };
    }),
    outputs: outputs.map(({ name, title, nodeId }) => ({ name, title, nodeId })),
  });

const NONE = { prompt: null, width: null, height: null, steps: null };
const graphOf = async (id: string): Promise<Draft['graph']> => {
  const [row] = await sql<{ graph: string }>(app, 'select graph from prompts where generation_id = $1', [id]);
  return JSON.parse(String(row?.graph));
};
const MODEL = 'stable-diffusion-1.5.safetensors';
/** With a model that the simulator has. */
const withModel = (document: unknown): unknown =>
  JSON.parse(JSON.stringify(document).replaceAll(/"[^"]*\.(safetensors|ckpt)"/g, JSON.stringify(MODEL)));

test('a workflow of ComfyUI’s page with subgraphs is saved with its proposed inputs, and runs with others', async () => {
  const { workflow, prompt } = pair('subgraph nested promoted');
  const draft = await draftOf({ document: withModel(workflow) });
  expect(draft).toMatchObject({ format: 'UI', problems: [], missing: [] });
  expect(Object.keys(draft.graph).sort()).toEqual(Object.keys(prompt).sort());
  const saved = await saveDraft('nested', draft);
  expect(saved.inputs.map(({ name, type }) => ({ name, type }))).toEqual(
    draft.inputs.map(({ proposal: { name, type } }) => ({ name, type })),
  );
  expect(saved.missing).toEqual([]);
  const seed = draft.inputs.find(({ proposal }) => proposal.type === 'SEED');
  const text = draft.inputs.find(({ proposal }) => proposal.type === 'STRING');
  const parameters = { [String(seed?.proposal.name)]: '42', [String(text?.proposal.name)]: 'a red hill' };
  const { id } = await create(alice, { ...NONE, workflow: 'nested', parameters });
  await becomes(alice, id, 'COMPLETED');
  const graph = await graphOf(id);
  for (const { nodeId, input } of [seed, ...(seed?.also ?? [])].flatMap((each) => each ?? []))
    expect(String(graph[nodeId]?.inputs[input])).toBe('42');
  expect(graph[String(text?.nodeId)]?.inputs[String(text?.input)]).toBe('a red hill');
});

test('a graph in the API format is imported as object, as text, and as the body of a prompt', async () => {
  for (const document of [CARD, JSON.stringify(CARD), { prompt: CARD, client_id: 'x' }]) {
    const draft = await draftOf({ document });
    expect(draft).toMatchObject({ format: 'API', problems: [], missing: [] });
    expect(draft.graph['2']).toEqual(CARD['2']);
    expect(draft.outputs).toMatchObject([{ kind: 'IMAGE', nodeId: '3' }]);
  }
  expect(await sql(app, `select from workflows where name <> 'nested'`)).toEqual([]);
});

test('a picture that ComfyUI saved is imported from its image and from an upload, and runs with another seed', async () => {
  const first = await create(alice, { seed: 7 });
  const { result } = await becomes(alice, first.id, 'COMPLETED');
  const [image] = result?.images ?? [];
  const bytes = Buffer.from(await (await fetch(new URL(String(image?.url), app.url))).arrayBuffer());
  const { id: upload } = await filled(app, alice, bytes);
  const draft = await draftOf({ upload });
  expect(draft).toMatchObject({ format: 'IMAGE', problems: [], missing: [] });
  expect(await draftOf({ upload: image?.id })).toEqual(draft);
  const model = draft.inputs.find(({ proposal }) => proposal.type === 'MODEL');
  expect(model?.proposal).toMatchObject({ modelKind: 'CHECKPOINT' });
  await saveDraft('from-picture', draft);
  const { id } = await create(alice, { ...NONE, prompt: 'a lake', workflow: 'from-picture', seed: 8 });
  await becomes(alice, id, 'COMPLETED');
  const sampler = Object.values(await graphOf(id)).find(({ class_type }) => class_type === 'KSampler');
  expect(String(sampler?.inputs.seed)).toBe('8');
});

test('an uploaded JSON file is imported', async () => {
  const bytes = Buffer.from(JSON.stringify(CARD));
  const { id } = await filled(app, alice, bytes, { contentType: 'application/json' });
  expect(await draftOf({ upload: id })).toMatchObject({ format: 'API', problems: [] });
});

test('pictures that the document names become required inputs', async () => {
  const { inputs } = await draftOf({ document: COLLAGE });
  const pictures = inputs.filter(({ proposal }) => proposal.type === 'IMAGE');
  expect(pictures.length).toBeGreaterThan(0);
  for (const { proposal } of pictures) expect(proposal).toMatchObject({ required: true, default: null });
});

test('missing names classes and models, with the download that the document names', async () => {
  const { workflow } = pair('app widgetid');
  const url = 'https://example.com/none.safetensors';
  const document = JSON.parse(
    JSON.stringify(workflow).replaceAll(/"[^"]*\.(safetensors|ckpt)"/g, '"none.safetensors"'),
  );
  document.models = [{ name: 'none.safetensors', url, directory: 'checkpoints' }];
  const draft = await draftOf({ document });
  const missing = { kind: 'MODEL', name: 'none.safetensors', folder: 'checkpoints', url };
  expect(draft.missing).toEqual([missing]);
  // Also once the draft is saved, and when a generation is refused for it.
  expect((await saveDraft('not-here', draft)).missing).toMatchObject([missing]);
  const { errors } = await tryCreate(alice, { ...NONE, workflow: 'not-here' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', missing: [missing] });
  const unknown = await draftOf({ document: { ...CARD, '9': { class_type: 'Nowhere', inputs: {} } } });
  expect(unknown.missing).toEqual([{ kind: 'NODE', name: 'Nowhere', folder: null, url: null }]);
});

test('a graph without an output node has that as a problem, beside everything else that is wrong with it', async () => {
  const { inputs, class_type } = CARD['1'];
  const document = {
    '1': { class_type, inputs: { ...inputs, width: -1 } },
    '2': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'none.safetensors' } },
    '3': { class_type: 'ImageInvert', inputs: {} },
  };
  const { missing, problems, outputs } = await draftOf({ document });
  expect(outputs).toEqual([]);
  expect(missing).toMatchObject([{ kind: 'MODEL', name: 'none.safetensors' }]);
  expect(problems).toEqual([
    { nodeId: null, nodeType: null, message: 'The graph has no node that saves or shows anything' },
    { nodeId: '1', nodeType: 'EmptyImage', message: expect.stringContaining('input width: must be from 1 to') },
    { nodeId: '3', nodeType: 'ImageInvert', message: expect.stringContaining('input image: the class requires') },
  ]);
});

test('createGeneration runs a document of ComfyUI’s page as its graph', async () => {
  const { workflow } = pair('subgraph two instances');
  const { id } = await create(alice, { ...NONE, graph: withModel(workflow) });
  await becomes(alice, id, 'COMPLETED');
});

test('a document that is not carried over whole is no graph of createGeneration, and the error names the node', async () => {
  const { workflow } = pair('mute ksampler');
  const draft = await draftOf({ document: withModel(workflow) });
  expect(draft.problems.length).toBeGreaterThan(0);
  const { errors } = await tryCreate(alice, { ...NONE, graph: withModel(workflow) });
  expect(errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'graph',
    nodeId: draft.problems[0]?.nodeId,
  });
});

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each([
    ['neither document nor upload', {}, 'document'],
    ['both', { document: CARD, upload: 'x' }, 'document'],
    ['a text that is no JSON', { document: 'hello' }, 'document'],
    ['an object that is no workflow', { document: { a: 1 } }, 'document'],
    ['a list', { document: [CARD] }, 'document'],
    [
      '2,001 nodes',
      { document: Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [n, CARD['1']])) },
      'document',
    ],
  ])('%s is refused', async (_, input, field) => {
    const answer = await send(app.url, alice.token, { query: IMPORT, variables: { input } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(answer.data).toEqual({ importWorkflow: null });
  });
});

test('a picture without a workflow, an unknown file and a file of another user are refused', async () => {
  const bob = await signUp(app.url);
  const { id } = await filled(app, alice, await picture());
  expect((await tryImport({ upload: id }, alice)).errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'upload',
  });
  expect(await codeOf(tryImport({ upload: id }, bob))).toBe('FORBIDDEN');
  expect(await codeOf(tryImport({ upload: 'x' }, alice))).toBe('NOT_FOUND');
});

test('without WORKFLOW_AUTHORS=users only an admin imports', async () => {
  const other = await app.startAnother({ WORKFLOW_AUTHORS: 'admins' });
  try {
    const client = await signUp(other.url);
    expect(await codeOf(tryImport({ document: CARD }, client))).toBe('FORBIDDEN');
  } finally {
    await other.close();
  }
});

test('a document may have classes of several ComfyUIs, each of which has only some', async () => {
  const only = (name: string): SimulatorOptions => ({
    nodes: { [name]: { input: { required: { [`of${name}`]: ['INT', {}] } }, output: ['IMAGE'], run: () => ({}) } },
  });
  const both = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: [only('First'), only('Second')],
  });
  try {
    const client = await signUp(both.url);
    await allOnline(client);
    const nodes = ['First', 'Second'].map((type, nth) => ({
      id: nth + 1,
      type,
      mode: 0,
      inputs: [],
      outputs: [],
      widgets_values: [nth + 5],
    }));
    const { importWorkflow } = await dataOf(tryImport({ document: { nodes, links: [] } }, client));
    expect(importWorkflow.problems).toEqual([]);
    expect(importWorkflow.graph).toMatchObject({
      1: { class_type: 'First', inputs: { ofFirst: 5 } },
      2: { class_type: 'Second', inputs: { ofSecond: 6 } },
    });
    expect(importWorkflow.missing).toHaveLength(1);
  } finally {
    await both.close();
  }
});
