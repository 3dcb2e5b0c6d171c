/** Proposing a form for an imported graph. */
import type { DraftInput } from '../../../src/workflows/import/draft.js';
import { imported, node, pair } from './support.js';

const places = (input: DraftInput | undefined) => input?.bindings.map((place) => `${place.nodeId}.${place.input}`);

/** The names of the inputs, with the places that they feed. */
const form = (document: unknown) =>
  Object.fromEntries(imported(document).inputs.map((input) => [input.name, places(input)]));

const textToImage = (more: Record<string, unknown> = {}) => ({
  1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  2: { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: 'a fox' } },
  3: { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: 'blurry' } },
  4: { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
  5: {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['3', 0],
      latent_image: ['4', 0],
      ...{ seed: 2 ** 63, steps: 20, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
    },
  },
  6: { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
  7: { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'x' } },
  ...more,
});

test('the inputs of a graph are named by what they mean', () => {
  expect(form(textToImage())).toEqual({
    prompt: ['2.text'],
    negative_prompt: ['3.text'],
    model: ['1.ckpt_name'],
    width: ['4.width'],
    height: ['4.height'],
    batch_size: ['4.batch_size'],
    seed: ['5.seed'],
    steps: ['5.steps'],
    guidance: ['5.cfg'],
    sampler: ['5.sampler_name'],
    scheduler: ['5.scheduler'],
    denoise: ['5.denoise'],
  });
});

test('types, bounds, choices and defaults come from the catalogue and the graph', () => {
  const inputs = new Map(imported(textToImage()).inputs.map((input) => [input.name, input]));
  expect(inputs.get('steps')).toMatchObject({ type: 'INT', default: 20, min: 1, max: 10000 });
  expect(inputs.get('seed')).toMatchObject({ type: 'SEED', default: '9223372036854775808' });
  expect(inputs.get('model')).toMatchObject({ type: 'MODEL', default: 'a.safetensors' });
  expect(inputs.get('prompt')).toMatchObject({ type: 'STRING', default: 'a fox', isMultiline: true, title: 'Prompt' });
  expect(inputs.get('sampler')?.choices).toContain('euler');
  expect(inputs.get('width')).toMatchObject({ min: 16, step: 8, required: false });
});

test('a prompt behind nodes that pass both sides on is told by its own side', () => {
  const apply = {
    class_type: 'ControlNetApplyAdvanced',
    inputs: { positive: ['2', 0], negative: ['3', 0], strength: 1, start_percent: 0, end_percent: 1 },
  };
  const graph = textToImage({ 8: apply });
  Object.assign(graph[5].inputs, { positive: ['8', 0], negative: ['8', 1] });
  expect(form(graph)).toMatchObject({ prompt: ['2.text'], negative_prompt: ['3.text'] });
});

test('equal values of one meaning are one input, and different ones are several', () => {
  const second = (cfg: number) => ({
    class_type: 'KSampler',
    inputs: { ...textToImage()[5].inputs, cfg, latent_image: ['5', 0] },
  });
  expect(form(textToImage({ 8: second(7) }))).toMatchObject({
    seed: ['5.seed', '8.seed'],
    guidance: ['5.cfg', '8.cfg'],
  });
  expect(form(textToImage({ 8: second(3) }))).toMatchObject({ guidance: ['5.cfg'], guidance_2: ['8.cfg'] });
});

test('a value node with a title comes first, with the bounds of what it feeds', () => {
  const graph = textToImage({
    8: { class_type: 'PrimitiveInt', inputs: { value: 30 }, _meta: { title: 'Int (Steps)' } },
  });
  Object.assign(graph[5].inputs, { steps: ['8', 0] });
  expect(imported(graph).inputs[0]).toMatchObject({
    name: 'int_steps',
    title: 'Int (Steps)',
    type: 'INT',
    default: 30,
    min: 1,
    max: 10000,
    bindings: [{ nodeId: '8', input: 'value' }],
  });
});

test('files of the user are required, each by its kind', () => {
  const inputs = imported({
    1: { class_type: 'LoadImage', inputs: { image: 'a.png' } },
    2: { class_type: 'LoadImageMask', inputs: { image: 'a.png', channel: 'alpha' } },
    3: { class_type: 'LoadVideo', inputs: { file: 'a.mp4' } },
    4: { class_type: 'LoadAudio', inputs: { audio: 'a.wav' } },
    5: { class_type: 'LoadImage', inputs: { image: 'a.png' }, _meta: { title: 'Style' } },
  }).inputs;
  expect(inputs.map(({ name, type, required }) => [name, type, required])).toEqual([
    ['image', 'IMAGE', true],
    ['image_2', 'IMAGE', true],
    ['mask', 'MASK', true],
    ['video', 'VIDEO', true],
    ['audio', 'AUDIO', true],
  ]);
  expect(inputs[1]?.title).toBe('Image (Style)');
});

test.each([
  ['app subgraph', { steps: ['10:3.steps'], prompt: ['6.text'] }],
  ['app widgetid', { seed: ['3.seed'], prompt: ['6.text'] }],
  ['canonical app mode', { steps: ['10:3.steps'], prompt: ['6.text'] }],
])("the author's form of %s is the form", (name, expected) => {
  expect(form(pair(name).workflow)).toEqual(expected);
});

test('an entry of the form that leads nowhere is a problem', () => {
  const extra = {
    linearData: {
      inputs: [
        [1, 'steps'],
        [1, 'gone'],
        [7, 'seed'],
      ],
      outputs: [],
    },
  };
  const draft = imported({ nodes: [node(1, 'KSampler', { widgets_values: [1, 'fixed', 5] })], extra });
  expect(draft.inputs.map((input) => input.name)).toEqual(['steps']);
  expect(draft.problems.map(({ code }) => code)).toEqual(['STALE_FORM', 'STALE_FORM']);
});

test('outputs are named by kind or title, saved ones first', () => {
  const { outputs } = imported({
    1: { class_type: 'PreviewImage', inputs: {} },
    2: { class_type: 'SaveImage', inputs: {}, _meta: { title: 'The best one' } },
    3: { class_type: 'SaveImage', inputs: {} },
    4: { class_type: 'SaveAudioMP3', inputs: {} },
    5: { class_type: 'SaveVideo', inputs: {} },
    6: { class_type: 'SaveGLB', inputs: {} },
    7: { class_type: 'PreviewAny', inputs: {} },
  });
  expect(outputs.map(({ name, kind, nodeId }) => [name, kind, nodeId])).toEqual([
    ['the_best_one', 'IMAGE', '2'],
    ['image', 'IMAGE', '3'],
    ['audio', 'AUDIO', '4'],
    ['video', 'VIDEO', '5'],
    ['model', 'MODEL_3D', '6'],
    ['image_2', 'IMAGE', '1'],
    ['text', 'TEXT', '7'],
  ]);
});
