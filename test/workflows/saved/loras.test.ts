/** LORAS as an input of a saved workflow: a chain of loaders before an input of a node, or in place of a loader. */
import type { Graph } from '../../../src/comfyui/index.js';
import { becomes, create, executedGraph, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp, type Variables } from '../../support/client.js';
import { find, save, trySave } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({
    env: { WORKFLOW_AUTHORS: 'users' },
    simulator: { version: '0.33.0', loras: ['paint.safetensors', 'style/ink.safetensors'] },
  });
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const NONE = { prompt: null, width: null, height: null, steps: null };
const DRAWING: Graph = {
  load: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'stable-diffusion-1.5.safetensors' } },
  good: { class_type: 'CLIPTextEncode', inputs: { text: 'a hill', clip: ['load', 1] } },
  bad: { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['load', 1] } },
  latent: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  draw: {
    class_type: 'KSampler',
    inputs: {
      model: ['load', 0],
      positive: ['good', 0],
      negative: ['bad', 0],
      latent_image: ['latent', 0],
      seed: 1,
      steps: 1,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    },
  },
  decode: { class_type: 'VAEDecode', inputs: { samples: ['draw', 0], vae: ['load', 2] } },
  save: { class_type: 'SaveImage', inputs: { images: ['decode', 0], filename_prefix: '' } },
};
const lora = (model: [string, number], clip: [string, number], lora_name: string, strength: number) => ({
  class_type: 'LoraLoader',
  inputs: { model, clip, lora_name, strength_model: strength, strength_clip: strength },
});
/** The graph with a loader, whose output the sampler and the first prompt take; the second takes the checkpoint's own. */
const WITH_LOADER: Graph = {
  ...DRAWING,
  style: lora(['load', 0], ['load', 1], 'paint.safetensors', 0.75),
  good: { class_type: 'CLIPTextEncode', inputs: { text: 'a hill', clip: ['style', 1] } },
  draw: { class_type: 'KSampler', inputs: { ...DRAWING.draw?.inputs, model: ['style', 0] } },
};
const AT_SAMPLER = { name: 'loras', type: 'LORAS', nodeId: 'draw', input: 'model' };
const AT_BOTH = { ...AT_SAMPLER, also: [{ nodeId: 'good', input: 'clip' }] };
const AT_LOADER = { name: 'loras', type: 'LORAS', nodeId: 'style', input: 'lora_name' };

const run = async (input: Variables): Promise<Graph> => {
  const { id } = await create(alice, { ...NONE, ...input });
  await becomes(alice, id, 'COMPLETED');
  return await executedGraph(app, id);
};
const TWO = [{ name: 'paint' }, { name: 'style/ink', strength: -0.5 }];

test('bound to the model and clip of nodes, they are chained behind the loader for every node that takes these', async () => {
  const saved = await save(alice, { name: 'both', graph: DRAWING, inputs: [AT_BOTH] });
  expect(saved.inputs).toMatchObject([{ name: 'loras', type: 'LORAS', required: false, default: null, max: 8 }]);
  const graph = await run({ workflow: 'both', loras: TWO });
  expect(graph.lora1).toMatchObject(lora(['load', 0], ['load', 1], 'paint.safetensors', 1));
  expect(graph.lora2).toMatchObject(lora(['lora1', 0], ['lora1', 1], 'style/ink.safetensors', -0.5));
  expect(graph.draw?.inputs.model).toEqual(['lora2', 0]);
  expect([graph.good, graph.bad].map((node) => node?.inputs.clip)).toEqual(Array(2).fill(['lora2', 1]));
  expect(Object.keys(await run({ workflow: 'both' })).sort()).toEqual(Object.keys(DRAWING).sort());
});

test('bound to a model alone, they leave the text encoder as it is', async () => {
  await save(alice, { name: 'model', graph: DRAWING, inputs: [AT_SAMPLER] });
  const graph = await run({ workflow: 'model', loras: [{ name: 'paint' }] });
  expect(graph.lora1).toMatchObject({ class_type: 'LoraLoaderModelOnly', inputs: { model: ['load', 0] } });
  expect([graph.draw?.inputs.model, graph.good?.inputs.clip]).toEqual([
    ['lora1', 0],
    ['load', 1],
  ]);
});

test('bound to the loader of a LoRA, they replace it, and its own LoRA is the default', async () => {
  const { inputs } = await save(alice, { name: 'style', graph: WITH_LOADER, inputs: [AT_LOADER] });
  expect(inputs).toMatchObject([{ type: 'LORAS', default: [{ name: 'paint.safetensors', strength: 0.75 }] }]);
  expect((await find(alice, { name: 'style' })).missing).toEqual([]);
  const two = await run({ workflow: 'style', loras: TWO });
  expect(two.lora2).toMatchObject(lora(['lora1', 0], ['lora1', 1], 'style/ink.safetensors', -0.5));
  expect([two.style, two.draw?.inputs.model, two.good?.inputs.clip, two.bad?.inputs.clip]).toEqual([
    undefined,
    ['lora2', 0],
    ['lora2', 1],
    ['load', 1],
  ]);
  const own = await run({ workflow: 'style' });
  expect(own.lora1).toMatchObject(lora(['load', 0], ['load', 1], 'paint.safetensors', 0.75));
  const none = await run({ workflow: 'style', loras: [] });
  expect([none.style, none.draw?.inputs.model, none.good?.inputs.clip]).toEqual([undefined, ['load', 0], ['load', 1]]);
});

test('a LoRA that no ComfyUI has is refused with the name of the input', async () => {
  await save(alice, { name: 'unknown', graph: WITH_LOADER, inputs: [{ ...AT_LOADER, name: 'styles', max: 1 }] });
  for (const styles of [[{ name: 'pant' }], TWO]) {
    const { errors } = await tryCreate(alice, { ...NONE, workflow: 'unknown', parameters: { styles } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'styles' });
  }
});

const clip = { nodeId: 'good', input: 'clip' };
test.each<[what: string, input: Variables]>([
  ['a value', { ...AT_SAMPLER, input: 'steps' }],
  ['a link of another type', { ...AT_SAMPLER, input: 'positive' }],
  ['a clip without a model', { ...AT_SAMPLER, ...clip }],
  ['an input that does not exist', { ...AT_SAMPLER, input: 'nope' }],
  ['a node that does not exist', { ...AT_SAMPLER, nodeId: 'nope' }],
  ['the file of a checkpoint', { ...AT_SAMPLER, nodeId: 'load', input: 'ckpt_name' }],
  ['a loader and a clip', { ...AT_LOADER, also: [clip] }],
  ['two models', { ...AT_SAMPLER, also: [{ nodeId: 'style', input: 'model' }] }],
  ['more than 8', { ...AT_SAMPLER, max: 9 }],
  ['no text', { ...AT_SAMPLER, default: 'paint' }],
])('a binding of LORAS to %s is refused', async (_, input) => {
  const { errors } = await trySave(alice, { name: 'wrong', graph: WITH_LOADER, inputs: [input] });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'inputs' });
});

test('a loader whose two strengths differ cannot be replaced: a LoRA has one strength', async () => {
  const { inputs } = lora(['load', 0], ['load', 1], 'paint.safetensors', 1);
  const style = { class_type: 'LoraLoader', inputs: { ...inputs, strength_clip: 0.5 } };
  const { errors } = await trySave(alice, { name: 'wrong', graph: { ...WITH_LOADER, style }, inputs: [AT_LOADER] });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'inputs', nodeId: 'style' });
});

test('a loader that LORAS replace takes no other input', async () => {
  const strength = { name: 'strength', nodeId: 'style', input: 'strength_model' };
  const { errors } = await trySave(alice, { name: 'wrong', graph: WITH_LOADER, inputs: [AT_LOADER, strength] });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'inputs', nodeId: 'style' });
});
