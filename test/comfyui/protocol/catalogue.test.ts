import {
  everyRule,
  type Graph,
  loadedFiles,
  modelFiles,
  nameFolders,
  type ObjectInfo,
  unmetBy,
} from '../../../src/comfyui/index.js';
import { builtIn, families } from '../../../src/workflows/built-in/index.js';
import { objectInfo, rulesOf, versions } from '../recordings.js';

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

const filesOf = (info: object) => {
  const rules = rulesOf(info);
  nameFolders(rules);
  return modelFiles(rules);
};

test.each(versions)('%s: the model files are the choices of the loaders that are files', (version) => {
  expect(filesOf(objectInfo(version))).toEqual([{ kind: 'CHECKPOINT', filename: 'stable-diffusion-1.5.safetensors' }]);
});

test.each(versions)('%s: the graphs of built-in workflows are accepted, up to the largest seed', (version) => {
  const rules = rulesOf(objectInfo(version));
  // The recordings list one checkpoint, and no model of another family.
  for (const { inputs, build } of builtIn.filter((workflow) => !families.some(({ id }) => id === workflow.id))) {
    const values = Object.fromEntries(
      inputs.map((input) => [input.name, input.type === 'LORAS' ? [] : (input.default ?? 'x')]),
    );
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
        required: { kind: [['old']], size: ['INT', { max: 1024 }], part: ['IMAGE'], eta: ['FLOAT'] },
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
  expect(filesOf(info).map(({ kind, filename }) => `${kind} ${filename}`)).toEqual([
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
  const info = {
    DualCLIPLoader: loader('clip_name1', ['a.safetensors', 'b.safetensors']),
    CLIPLoader: loader('clip_name', ['b.safetensors']),
    LoraLoaderModelOnly: loader('lora_name', ['c.safetensors']),
  };
  const graph: Graph = {
    '1': { class_type: 'DualCLIPLoader', inputs: { clip_name1: 'a.safetensors', clip_name2: 'b.safetensors' } },
    '2': { class_type: 'LoraLoaderModelOnly', inputs: { model: ['9', 0], lora_name: 'c.safetensors' } },
  };
  const files = ['TEXT_ENCODER a.safetensors', 'TEXT_ENCODER b.safetensors', 'LORA c.safetensors'];
  const named = (found: { kind: string; filename: string }[]) =>
    found.map(({ kind, filename }) => `${kind} ${filename}`);
  expect(named(filesOf(info)).sort()).toEqual(files.toSorted());
  expect(named(loadedFiles(graph))).toEqual(files);
});

test('every input of 0.33.0 that lists checkpoints is known to list them', () => {
  const rules = rulesOf(objectInfo('0.33.0'));
  nameFolders(rules);
  const listing = [...rules.values()].flatMap((inputs) =>
    [...everyRule(inputs)].filter(({ choices }) => choices?.has('stable-diffusion-1.5.safetensors')),
  );
  expect(listing.length).toBeGreaterThan(2);
  expect(listing.filter(({ folder }) => folder !== 'checkpoints')).toEqual([]);
});
