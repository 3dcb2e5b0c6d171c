import {
  checkGraph,
  type Graph,
  isLoadedFile,
  loadedFiles,
  modelFiles,
  type ObjectInfo,
  unmetBy,
} from '../../../src/comfyui/index.js';
import { builtIn } from '../../../src/workflows/built-in/index.js';
import { objectInfo, rulesOf, versions } from '../recordings.js';
import { card } from '../support.js';

const ruleOf = (info: ObjectInfo, className: string, input: string) => rulesOf(info).get(className)?.get(input);
const choices = (info: ObjectInfo, className: string, input: string) => {
  const values = ruleOf(info, className, input)?.choices;
  return values && [...values];
};

test.each(versions)('%s: both forms of a choice are parsed', (version) => {
  const info = objectInfo(version);
  expect(choices(info, 'KSampler', 'scheduler')).toEqual(expect.arrayContaining(['simple', 'karras', 'normal']));
  expect(choices(info, 'ImageBlend', 'blend_mode')).toEqual(expect.arrayContaining(['normal', 'multiply', 'screen']));
  expect(choices(info, 'CLIPLoader', 'device')).toEqual(['default', 'cpu']);
});

test.each(versions)('%s: an input that is not a choice or does not exist has no choices', (version) => {
  const info = objectInfo(version);
  expect(choices(info, 'KSampler', 'steps')).toBeUndefined();
  expect(choices(info, 'KSampler', 'nope')).toBeUndefined();
  expect(choices(info, 'Nope', 'steps')).toBeUndefined();
  expect(choices(info, 'constructor', 'toString')).toBeUndefined();
});

test.each(versions)(
  '%s: a list of files that are uploaded, or that come from another server, does not limit the values',
  (version) => {
    const info = objectInfo(version);
    expect(choices(info, 'LoadImage', 'image')).toBeUndefined();
    expect(choices(info, 'LoadImageOutput', 'image')).toBeUndefined();
  },
);

test.each(versions)('%s: the bounds of numbers are parsed', (version) => {
  const info = objectInfo(version);
  expect(ruleOf(info, 'KSampler', 'steps')).toMatchObject({ isRequired: true, min: 1, max: 10_000 });
  expect(ruleOf(info, 'EmptyLatentImage', 'width')).toMatchObject({ min: 16, max: 16_384 });
  expect(ruleOf(info, 'KSampler', 'model')).toMatchObject({ min: undefined, max: undefined });
});

test.each(versions)('%s: the model files are the choices of the loaders that are files', (version) => {
  expect(modelFiles(rulesOf(objectInfo(version)))).toEqual([
    { kind: 'CHECKPOINT', filename: 'stable-diffusion-1.5.safetensors' },
  ]);
});

test.each(versions)('%s: the graphs of built-in workflows are accepted, up to the largest seed', (version) => {
  const rules = rulesOf(objectInfo(version));
  for (const { inputs, build } of builtIn) {
    const values = Object.fromEntries(inputs.map((input) => [input.name, input.default ?? 'x']));
    const graph = build({ ...values, seed: '18446744073709551615', model: 'stable-diffusion-1.5.safetensors' }, 'p');
    for (const node of Object.values(graph))
      expect(unmetBy(node, rules.get(node.class_type) ?? new Map())).toEqual(
        rules.has(node.class_type) ? [] : expect.anything(),
      );
  }
});

test('unmet requirements are found: a value, a number, an undeclared input, and a required one', () => {
  const node = {
    class_type: 'Any',
    inputs: { kind: 'new', size: '2048', more: 1, part: ['1', 0], 'images.image0': 1 },
  };
  const info = {
    Any: {
      input: {
        required: { kind: [['old']], size: ['INT', { max: 1024 }], part: ['IMAGE'], eta: ['FLOAT', { default: 1 }] },
        optional: { images: ['COMFY_AUTOGROW_V3', {}], kept: ['INT'] },
      },
    },
  };
  expect(unmetBy(node, rulesOf(info).get('Any') ?? new Map())).toEqual([
    { classType: 'Any', input: 'kind', value: 'new' },
    { classType: 'Any', input: 'size', value: '2048' },
    { classType: 'Any', input: 'more' },
    { classType: 'Any', input: 'eta', isAbsent: true },
  ]);
});

const loader = (input: string, files: unknown): ObjectInfo[string] => ({
  name: '',
  input: { required: { [input]: [files as string[]] } },
  output: [],
  output_node: false,
});

test('every kind of model file is found, each once', () => {
  const info: ObjectInfo = {
    CheckpointLoaderSimple: {
      ...loader('ckpt_name', []),
      input: { required: { ckpt_name: ['COMBO', { options: ['xl/a.safetensors'] }] } },
    },
    UNETLoader: loader('unet_name', ['b.gguf', 'b.gguf']),
    CLIPLoader: loader('clip_name', ['c.safetensors']),
    LoraLoader: loader('lora_name', ['d.safetensors']),
    VAELoader: loader('vae_name', ['e.pt', 'taesd', 'taesdxl', 'taesd3', 'taef1', 'pixel_space']),
    UpscaleModelLoader: loader('model_name', ['f.pth']),
    ControlNetLoader: loader('control_net_name', ['g.safetensors']),
  };
  expect(modelFiles(rulesOf(info)).map(({ kind, filename }) => `${kind} ${filename}`)).toEqual([
    'CHECKPOINT xl/a.safetensors',
    'DIFFUSION_MODEL b.gguf',
    'TEXT_ENCODER c.safetensors',
    'LORA d.safetensors',
    'VAE e.pt',
    'UPSCALER f.pth',
    'CONTROLNET g.safetensors',
  ]);
});

test('the files of a kind are found in every class that lists its folder', () => {
  const rules = rulesOf({
    DualCLIPLoader: loader('clip_name1', ['a.safetensors', 'b.safetensors']),
    CLIPLoader: loader('clip_name', ['b.safetensors']),
    LoraLoaderModelOnly: loader('lora_name', ['c.safetensors']),
  });
  const graph: Graph = {
    '1': { class_type: 'DualCLIPLoader', inputs: { clip_name1: 'a.safetensors', clip_name2: 'b.safetensors' } },
    '2': { class_type: 'LoraLoaderModelOnly', inputs: { model: ['9', 0], lora_name: 'c.safetensors' } },
  };
  const files = ['TEXT_ENCODER a.safetensors', 'TEXT_ENCODER b.safetensors', 'LORA c.safetensors'];
  const named = (found: { kind: string; filename: string }[]) =>
    found.map(({ kind, filename }) => `${kind} ${filename}`);
  expect(named(modelFiles(rules)).sort()).toEqual(files.toSorted());
  expect(named(loadedFiles(graph))).toEqual(files);
});

test('every input of 0.33.0 that lists checkpoints counts as loading one', () => {
  const listing = Object.entries(objectInfo('0.33.0')).flatMap(([className, { input }]) =>
    Object.entries(input.required ?? {}).flatMap(([name, [list]]) =>
      Array.isArray(list) && list.includes('stable-diffusion-1.5.safetensors') ? [[className, name] as const] : [],
    ),
  );
  expect(listing.length).toBeGreaterThan(2);
  expect(listing.filter(([className, name]) => !isLoadedFile(className, name, 'a.safetensors'))).toEqual([]);
});

const faults = (graph: Record<string, unknown>) =>
  checkGraph(graph, objectInfo('0.3.64')).map(({ kind, nodeId, input }) => [kind, nodeId, input]);

test('a sound graph has no faults', () => {
  expect(faults(card())).toEqual([]);
});

/** The graph with other inputs for its last node. */
const withInputs = (inputs: Record<string, unknown>): Graph => ({
  ...card(),
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'a', ...inputs } },
});

test.each<[string, Record<string, unknown>, unknown[]]>([
  ['an unknown class', { '1': { class_type: 'Nope', inputs: {} } }, ['unknown_class', '1', undefined]],
  ['a class that objects inherit', { '1': { class_type: 'toString', inputs: {} } }, ['unknown_class', '1', undefined]],
  ['a node that is null', { '1': null }, ['malformed_node', '1', undefined]],
  ['a node without inputs', { '1': { class_type: 'EmptyImage' } }, ['malformed_node', '1', undefined]],
  ['an undeclared constant', withInputs({ nonce: 5 }), ['undeclared_input', '3', 'nonce']],
  [
    'an undeclared link to a missing node, which kills the worker',
    withInputs({ extra: ['99', 0] }),
    ['undeclared_input', '3', 'extra'],
  ],
  ['a hidden input', withInputs({ prompt: ['99', 0] }), ['undeclared_input', '3', 'prompt']],
  ['a link to a node that is not there', withInputs({ images: ['99', 0] }), ['missing_node', '3', 'images']],
  ['a link to what objects inherit', withInputs({ images: ['constructor', 0] }), ['missing_node', '3', 'images']],
  ['a link to a slot that is not there', withInputs({ images: ['2', 1] }), ['missing_slot', '3', 'images']],
  ['a link to a negative slot', withInputs({ images: ['2', -1] }), ['missing_slot', '3', 'images']],
  ['a link whose node id is a number', withInputs({ images: [2, 0] }), ['malformed_link', '3', 'images']],
  ['a link of one element', withInputs({ images: ['2'] }), ['malformed_link', '3', 'images']],
  ['a slot that is text', withInputs({ images: ['2', '0'] }), ['malformed_link', '3', 'images']],
])('%s is a fault', (_, graph, fault) => {
  expect(faults(graph)).toEqual([fault]);
});

test('all faults of a graph are reported in sentences that name the node', () => {
  const graph = { ...withInputs({ images: ['99', 0], nonce: 1 }), '7': { class_type: 'Nope', inputs: {} } };
  expect(checkGraph(graph, objectInfo('0.8.0')).map(({ message }) => message)).toEqual([
    'Node 3 (SaveImage), input images: node 99 does not exist',
    'Node 3 (SaveImage), input nonce: the class does not declare this input',
    'Node 7: unknown class Nope',
  ]);
});

test('an input that grows into several is declared once', () => {
  const growing: ObjectInfo = {
    Batch: {
      name: 'Batch',
      input: { required: { images: ['COMFY_AUTOGROW_V3', {}] } },
      output: ['IMAGE'],
      output_node: true,
    },
  };
  const graph = { '1': { class_type: 'Batch', inputs: { 'images.image0': ['1', 0], 'other.image0': 1 } } };
  expect(checkGraph(graph, growing).map(({ kind, input }) => [kind, input])).toEqual([
    ['undeclared_input', 'other.image0'],
  ]);
});
