/** A graph of createGeneration is kept as an unlisted workflow, and several pictures are inputs. */
import { openDatabase } from '../../../src/orm.js';
import { deleteUnused } from '../../../src/workflows/saved/saved-rows.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  read,
  remove,
  settles,
  sql,
  tryCreate,
} from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { CARD, COLLAGE, listNames, save } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' } });
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
});
afterAll(() => app?.close());

const NONE = { prompt: null, width: null, height: null, steps: null };
const workflowsOf = (ownerId: string) =>
  sql<{ id: string; is_listed: boolean }>(app, 'select id, is_listed from workflows where owner_id = $1', [ownerId]);
const workflowOf = async (client: Client, id: string) =>
  (await dataOf(client.ask(`{ generation(id: "${id}") { workflow { id name isListed isShared graph } } }`))).generation
    .workflow;
const graphOf = async (id: string) => {
  const [row] = await sql<{ graph: string }>(app, 'select graph from prompts where generation_id = $1', [id]);
  return { graph: JSON.parse(String(row?.graph)) };
};
async function newPicture(seed: number): Promise<{ id: string; generation: string }> {
  const { id, result } = await becomes(alice, (await create(alice, { seed })).id, 'COMPLETED');
  return { id: String(result?.images[0]?.id), generation: id };
}

test('the same graph is kept once for an owner, in no list, and runs as it is', async () => {
  const first = await create(alice, { ...NONE, graph: CARD });
  const reordered = Object.fromEntries(Object.entries(CARD).reverse());
  const second = await create(alice, { ...NONE, graph: reordered });
  await becomes(alice, first.id, 'COMPLETED');
  await becomes(alice, second.id, 'COMPLETED');
  const workflow = await workflowOf(alice, first.id);
  expect(workflow).toMatchObject({ isListed: false, isShared: false, graph: CARD_STORED });
  expect(await workflowOf(alice, second.id)).toEqual(workflow);
  expect(await workflowsOf(alice.id)).toEqual([{ id: workflow.id, is_listed: false }]);
  expect(await listNames(alice)).not.toContain(workflow.name);
  expect(await codeOf(tryCreate(alice, { ...NONE, workflow: workflow.name }))).toBe('BAD_USER_INPUT');
  expect((await graphOf(first.id)).graph['2'].inputs.seed).toBe(5);
  // Another owner has a row of their own.
  const other = await create(bob, { ...NONE, graph: CARD });
  expect((await workflowOf(bob, other.id)).id).not.toBe(workflow.id);
});
const CARD_STORED = { ...CARD, '3': { ...CARD['3'], inputs: { ...CARD['3'].inputs, filename_prefix: '' } } };

test('parameters change the constants of a graph, and a retry keeps them', async () => {
  const parameters = { '1.width': 128, '2.seed': '18446744073709551615' };
  const { id } = await create(alice, { ...NONE, graph: CARD, parameters });
  const { result } = await becomes(alice, id, 'COMPLETED');
  expect(result?.images).toMatchObject([{ width: 128, height: 64 }]);
  expect((await graphOf(id)).graph['2'].inputs.seed).toBe('18446744073709551615');
  expect((await read(alice, id)).parameters).toEqual(parameters);
  const retried = (await dataOf(alice.ask(`mutation { retryGeneration(id: "${id}") { id parameters } }`)))
    .retryGeneration;
  expect(retried.parameters).toEqual(parameters);
  expect(await workflowOf(alice, retried.id)).toEqual(await workflowOf(alice, id));
});

test('the prompts and the model of a graph are those that its nodes have after its parameters', async () => {
  const fieldsOf = async (id: string) =>
    (await dataOf(alice.ask(`{ generation(id: "${id}") { prompt negativePrompt model { name } } }`))).generation;
  const parameters = { '6.value': 'a wet dog', '7.text': 'blur' };
  const { id } = await create(alice, { ...NONE, graph: PAINTED, parameters });
  const said = { prompt: 'a wet dog', negativePrompt: 'blur', model: { name: 'stable-diffusion-1.5' } };
  expect(await fieldsOf(id)).toEqual(said);
  await becomes(alice, id, 'COMPLETED');
  expect(await fieldsOf(id)).toEqual(said);
  const { retryGeneration } = await dataOf(alice.ask(`mutation { retryGeneration(id: "${id}") { id } }`));
  expect(await fieldsOf(retryGeneration.id)).toEqual(said);
  const unchanged = await create(alice, { ...NONE, graph: PAINTED });
  expect(await fieldsOf(unchanged.id)).toEqual({ ...said, prompt: 'a dog', negativePrompt: '' });
  const found = await dataOf(alice.ask('{ generations(filter: { search: "wet dog" }) { totalCount } }'));
  expect(found.generations.totalCount).toBe(2);
  expect(await fieldsOf((await create(alice, { ...NONE, graph: CARD })).id)).toEqual({
    prompt: '',
    negativePrompt: '',
    model: null,
  });
});
/** Its prompt is in a node that holds nothing else. */
const PAINTED = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 5,
      steps: 1,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['5', 0],
      negative: ['7', 0],
      latent_image: ['8', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'stable-diffusion-1.5.safetensors' } },
  '5': { class_type: 'CLIPTextEncode', inputs: { text: ['6', 0], clip: ['4', 1] } },
  '6': { class_type: 'PrimitiveStringMultiline', inputs: { value: 'a dog' } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: ' ', clip: ['4', 1] } },
  '8': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  '9': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '10': { class_type: 'SaveImage', inputs: { images: ['9', 0], filename_prefix: 'dog' } },
};

test('the same key with the same graph is one generation', async () => {
  const input = { ...NONE, graph: CARD, idempotencyKey: 'once' };
  const [first, second] = [await create(alice, input), await create(alice, input)];
  expect(second.id).toBe(first.id);
  const changed = { ...CARD, '1': { ...CARD['1'], inputs: { ...CARD['1'].inputs, color: 1 } } };
  expect(await codeOf(tryCreate(alice, { ...input, graph: changed }))).toBe('CONFLICT');
});

test('an unlisted graph goes an hour after the last generation that names it, and no other workflow does', async () => {
  const listed = await save(bob, { name: 'stays' });
  const { id } = await create(bob, { ...NONE, graph: CARD });
  await becomes(bob, id, 'COMPLETED');
  const orm = await openDatabase(app.database.url);
  const sweep = () => deleteUnused(orm.em.fork());
  await sql(app, `update workflows set created_at = now() - interval '2 hours'`);
  await sweep();
  const kept = await workflowsOf(bob.id);
  expect(kept.filter(({ is_listed }) => !is_listed)).toHaveLength(1);
  for (const each of await sql<{ id: string }>(app, 'select id from generations where user_id = $1', [bob.id]))
    await remove(bob, each.id);
  await sql(app, 'delete from generations where user_id = $1', [bob.id]);
  await sweep();
  expect(await workflowsOf(bob.id)).toEqual([{ id: listed.id, is_listed: true }]);
  await orm.close();
});

describe('several pictures', () => {
  const inputs = [
    { name: 'under', nodeId: 'a', input: 'image' },
    { name: 'over', nodeId: 'b', input: 'image' },
  ];

  test('each input gets its picture, which the generation keeps', async () => {
    await save(alice, { name: 'collage', graph: COLLAGE, inputs });
    const [under, over] = [await newPicture(1), await newPicture(2)];
    const { id } = await create(alice, {
      ...NONE,
      workflow: 'collage',
      parameters: { under: under.id, over: over.id },
    });
    await becomes(alice, id, 'COMPLETED');
    const { graph } = await graphOf(id);
    expect(new Set([graph.a.inputs.image, graph.b.inputs.image]).size).toBe(2);
    await remove(alice, under.generation);
    await remove(alice, over.generation);
    const { id: again } = (await dataOf(alice.ask(`mutation { retryGeneration(id: "${id}") { id } }`))).retryGeneration;
    await becomes(alice, again, 'COMPLETED');
    await settles(app, again);
    // Two pictures, and the result.
    expect(await filesOf(app, again)).toHaveLength(3);
    await remove(alice, again);
    await until(async () => (await filesOf(app, again)).length === 0, 'the files to be removed');
  });

  test('a picture that two inputs name is uploaded once', async () => {
    await save(alice, { name: 'twice', graph: COLLAGE, inputs });
    const { id: picture } = await newPicture(3);
    const { id } = await create(alice, { ...NONE, workflow: 'twice', parameters: { under: picture, over: picture } });
    await becomes(alice, id, 'COMPLETED');
    const { graph } = await graphOf(id);
    expect(graph.b.inputs.image).toBe(graph.a.inputs.image);
    await settles(app, id);
    expect(await filesOf(app, id)).toHaveLength(2);
  });

  test('one input takes the picture in both places, and source stands for it', async () => {
    const both = [{ ...inputs[0], also: [{ nodeId: 'b', input: 'image' }] }];
    await save(alice, { name: 'same', graph: COLLAGE, inputs: both });
    const { id: picture } = await newPicture(4);
    const { id } = await create(alice, { ...NONE, workflow: 'same', source: picture });
    expect((await becomes(alice, id, 'COMPLETED')).parameters).toEqual({ under: picture });
  });

  test('a graph takes pictures by its parameters', async () => {
    const { id: picture } = await newPicture(5);
    const parameters = { 'a.image': picture, 'b.image': picture };
    const { id } = await create(alice, { ...NONE, graph: COLLAGE, parameters });
    await becomes(alice, id, 'COMPLETED');
  });
});
