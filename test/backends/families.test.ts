/** Graphs of today's model families, against the catalogue of ComfyUI 0.33.0. */

import { offerOf } from '../../src/backends/offer.js';
import { missingParts, preflight } from '../../src/backends/preflight.js';
import type { Graph, ObjectInfo } from '../../src/comfyui/index.js';
import { objectInfo, rulesOf } from '../comfyui/recordings.js';

const node = (class_type: string, inputs: Record<string, unknown>) => ({ class_type, inputs });

/** The nodes between the encoded prompts and the saved picture. */
const sampled = (model: string, vae: string, latent: object): Graph => ({
  'in:7': node('EmptySD3LatentImage', { width: 1024, height: 1024, batch_size: 1, ...latent }),
  'in:8': node('KSampler', {
    model: [model, 0],
    positive: ['positive', 0],
    negative: ['negative', 0],
    latent_image: ['in:7', 0],
    seed: '18446744073709551615',
    steps: 8,
    cfg: 1,
    sampler_name: 'res_multistep',
    scheduler: 'simple',
    denoise: 1,
  }),
  'in:9': node('VAEDecode', { samples: ['in:8', 0], vae: [vae, 0] }),
  '10': node('SaveImage', { images: ['in:9', 0], filename_prefix: 'p' }),
});

const zImage: Graph = {
  unet: node('UNETLoader', { unet_name: 'z_image_turbo_bf16.safetensors', weight_dtype: 'default' }),
  clip: node('CLIPLoader', { clip_name: 'qwen_3_4b.safetensors', type: 'lumina2' }),
  vae: node('VAELoader', { vae_name: 'ae.safetensors' }),
  lora: node('LoraLoaderModelOnly', { model: ['unet', 0], lora_name: 'paint.safetensors', strength_model: 0.8 }),
  shift: node('ModelSamplingAuraFlow', { model: ['lora', 0], shift: 3 }),
  positive: node('CLIPTextEncode', { clip: ['clip', 0], text: 'a hill' }),
  negative: node('ConditioningZeroOut', { conditioning: ['positive', 0] }),
  ...sampled('shift', 'vae', {}),
};

const flux: Graph = {
  unet: node('UNETLoader', { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' }),
  clip: node('DualCLIPLoader', {
    clip_name1: 'clip_l.safetensors',
    clip_name2: 't5xxl_fp16.safetensors',
    type: 'flux',
  }),
  vae: node('VAELoader', { vae_name: 'ae.safetensors' }),
  encoded: node('CLIPTextEncode', { clip: ['clip', 0], text: 'a hill' }),
  positive: node('FluxGuidance', { conditioning: ['encoded', 0], guidance: 3.5 }),
  negative: node('ConditioningZeroOut', { conditioning: ['encoded', 0] }),
  ...sampled('unet', 'vae', {}),
};

const upscale: Graph = {
  '1': node('LoadImage', { image: 'comfygraph/a.png' }),
  '2': node('UpscaleModelLoader', { model_name: 'RealESRGAN_x4plus.pth' }),
  '3': node('ImageUpscaleWithModel', { upscale_model: ['2', 0], image: ['1', 0] }),
  '4': node('SaveImage', { images: ['3', 0], filename_prefix: 'p' }),
};

const FILES: Record<string, string[]> = {
  diffusion_models: ['flux1-dev.safetensors', 'z_image_turbo_bf16.safetensors'],
  text_encoders: ['clip_l.safetensors', 'qwen_3_4b.safetensors', 't5xxl_fp16.safetensors'],
  vae: ['ae.safetensors'],
  loras: ['paint.safetensors'],
  upscale_models: ['RealESRGAN_x4plus.pth'],
};

const LISTS: Record<string, string> = {
  'UNETLoader.unet_name': 'diffusion_models',
  'CLIPLoader.clip_name': 'text_encoders',
  'DualCLIPLoader.clip_name1': 'text_encoders',
  'DualCLIPLoader.clip_name2': 'text_encoders',
  'VAELoader.vae_name': 'vae',
  'LoraLoaderModelOnly.lora_name': 'loras',
  'UpscaleModelLoader.model_name': 'upscale_models',
};

/** The recorded catalogue of a server with these files; the recorded one has none of them. */
function offerWith(files: Record<string, string[]>, info: ObjectInfo = objectInfo('0.33.0')) {
  for (const [path, folder] of Object.entries(LISTS)) {
    const [name = '', input = ''] = path.split('.');
    const spec = info[name]?.input.required?.[input];
    if (!spec) throw new Error(`The catalogue lacks ${path}`);
    const names = files[folder] ?? [];
    if (Array.isArray(spec[0])) spec[0] = names;
    else spec[1] = { ...spec[1], options: names };
  }
  return offerOf(rulesOf(info), new Map(Object.entries(files)));
}

const graphs = { zImage, flux, upscale };

test.each(Object.entries(graphs))('a server with the classes and files of %s can run it', (_, graph) => {
  expect(preflight(graph, [offerWith({}), offerWith(FILES)])).toEqual([]);
});

const lacking = (graph: Graph, files: Record<string, string[]>) => {
  const offer = offerWith(files);
  return missingParts(
    preflight(graph, [offer]),
    [offer],
    [{ name: 'qwen_3_4b.safetensors', url: 'https://example.com/qwen_3_4b.safetensors' }],
  );
};

test('each missing file is named once, with its folder, near names, and the URL of the document', () => {
  expect(lacking(zImage, { ...FILES, text_encoders: ['qwen_3_8b.safetensors'], vae: [], loras: [] })).toEqual([
    {
      kind: 'MODEL',
      name: 'qwen_3_4b.safetensors',
      folder: 'text_encoders',
      suggestions: ['qwen_3_8b.safetensors'],
      url: 'https://example.com/qwen_3_4b.safetensors',
    },
    { kind: 'MODEL', name: 'ae.safetensors', folder: 'vae', suggestions: [], url: null },
    { kind: 'MODEL', name: 'paint.safetensors', folder: 'loras', suggestions: [], url: null },
  ]);
});

test('a missing class is named with near names', () => {
  const graph = { ...upscale, '5': node('SaveImages', { images: ['3', 0] }) };
  expect(lacking(graph, FILES)).toEqual([
    { kind: 'NODE', name: 'SaveImages', folder: null, suggestions: expect.arrayContaining(['SaveImage']), url: null },
  ]);
});

test('the problems are those of the server that lacks least', () => {
  const offers = [offerWith({}), offerWith({ ...FILES, loras: [] })];
  expect(missingParts(preflight(zImage, offers), offers).map(({ name }) => name)).toEqual(['paint.safetensors']);
});
