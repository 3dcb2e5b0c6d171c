/** The node classes of 0.33.0: what they save, with the keys and bytes of ComfyUI. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { FileItem, Graph } from '../../../src/comfyui/protocol/protocol.js';
import type { Simulator } from '../../../src/simulator/index.js';
import { call, closeAfterEach, run, start, submit } from '../support.js';

closeAfterEach();

const folders = {
  diffusion_models: ['flux.safetensors'],
  text_encoders: ['clip.safetensors'],
  upscale_models: ['2x-sharp.pth'],
};
const newest = () => start({ version: '0.33.0', folders, vaes: ['ae.safetensors'], previews: false });

const node = (class_type: string, inputs: Graph[string]['inputs'] = {}): Graph[string] => ({ class_type, inputs });

const colors: Graph = {
  a: node('EmptyImage', { width: 40, height: 24, batch_size: 1, color: 0xff0000 }),
  b: node('EmptyImage', { width: 40, height: 24, batch_size: 1, color: 0x0000ff }),
  images: node('BatchImagesNode', { 'images.image0': ['a', 0], 'images.image1': ['b', 0] }),
  audio: node('EmptyAudio', { duration: 0.5, sample_rate: 44100, channels: 2 }),
  video: node('CreateVideo', { images: ['images', 0], fps: 8 }),
};

async function fetched(simulator: Simulator, item: FileItem): Promise<{ type: string | null; bytes: Buffer }> {
  const response = await fetch(`${simulator.url}/view?${new URLSearchParams({ ...item })}`);
  return { type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
}

const video = { video: ['video', 0] as [string, number] };
const images = { images: ['images', 0] as [string, number] };
const audio = { audio: ['audio', 0] as [string, number] };

test.each<[string, Graph[string]['inputs'], string, string, string, string]>([
  ['SaveVideo', { ...video, format: 'auto', codec: 'auto' }, 'images', 'x_00001_.mp4', 'video/mp4', 'ftypisom'],
  ['SaveVideo', { ...video, format: 'mkv' }, 'images', 'x_00001_.mkv', 'video/x-matroska', 'V_MPEG4/ISO/AVC'],
  ['SaveWEBM', { ...images, codec: 'vp9', fps: 8, crf: 32 }, 'images', 'x_00001_.webm', 'video/webm', 'V_VP8'],
  ['SaveAudio', audio, 'audio', 'x_00001.flac', 'audio/x-flac', 'fLaC'],
  ['SaveAudioMP3', { ...audio, quality: 'V0' }, 'audio', 'x_00001.mp3', 'audio/mpeg', 'ID3'],
  ['SaveAudioOpus', { ...audio, quality: '128k' }, 'audio', 'x_00001.opus', 'audio/ogg', 'OpusHead'],
  ['SaveText', { text: 'hello', format: 'txt' }, 'files', 'x_00001.txt', 'text/plain', 'hello'],
])('%s %o saves a file', async (className, inputs, key, filename, type, content) => {
  const simulator = await newest();
  const graph = { ...colors, save: node(className, { ...inputs, filename_prefix: 'x' }) };
  const { outputs } = await run(simulator, graph);
  const [item] = (outputs.save?.[key] ?? []) as FileItem[];
  expect(item).toMatchObject({ filename, type: 'output' });
  const file = await fetched(simulator, item as FileItem);
  expect(file.type).toBe(type);
  expect(file.bytes.subarray(0, 400).toString('latin1')).toContain(content);
});

test.each(['SaveAnimatedWEBP', 'SaveAnimatedPNG'])('%s saves an animation of all pictures', async (className) => {
  const simulator = await newest();
  const options = { fps: 6, lossless: true, quality: 80, method: 'default', compress_level: 4 };
  const save = node(className, { ...images, ...options, filename_prefix: 'x' });
  const { outputs } = await run(simulator, { ...colors, save });
  expect(outputs.save).toMatchObject({ animated: [true] });
  const { bytes } = await fetched(simulator, outputs.save?.images?.[0] as FileItem);
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 40, height: 24 });
  if (className === 'SaveAnimatedWEBP') expect((await sharp(bytes).metadata()).pages).toBe(2);
  else expect(bytes.includes('acTL')).toBe(true);
});

test('a graph with separate loaders, a guider and sigmas paints a picture', async () => {
  const simulator = await newest();
  const { outputs, status } = await run(simulator, {
    model: node('UNETLoader', { unet_name: 'flux.safetensors', weight_dtype: 'default' }),
    clip: node('CLIPLoader', { clip_name: 'clip.safetensors', type: 'flux2' }),
    vae: node('VAELoader', { vae_name: 'ae.safetensors' }),
    text: node('CLIPTextEncode', { clip: ['clip', 0], text: 'a lake' }),
    guider: node('BasicGuider', { model: ['model', 0], conditioning: ['text', 0] }),
    noise: node('RandomNoise', { noise_seed: '18446744073709551615' }),
    sampler: node('KSamplerSelect', { sampler_name: 'euler' }),
    sigmas: node('Flux2Scheduler', { steps: 2, width: 64, height: 64 }),
    latent: node('EmptyFlux2LatentImage', { width: 64, height: 64, batch_size: 1 }),
    sample: node('SamplerCustomAdvanced', {
      noise: ['noise', 0],
      guider: ['guider', 0],
      sampler: ['sampler', 0],
      sigmas: ['sigmas', 0],
      latent_image: ['latent', 0],
    }),
    decode: node('VAEDecode', { samples: ['sample', 0], vae: ['vae', 0] }),
    save: node('SaveImage', { images: ['decode', 0], filename_prefix: 'x' }),
  });
  expect(status.status_str).toBe('success');
  const { bytes } = await fetched(simulator, outputs.save?.images?.[0] as FileItem);
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 64, format: 'png' });
});

test('an inpainting keeps what is outside the mask', async () => {
  const simulator = await newest();
  const half = sharp({ create: { width: 32, height: 64, channels: 4, background: 'red' } });
  const square = await half.extend({ right: 32, background: 'transparent' }).png().toBuffer();
  await writeFile(join(simulator.directory, 'input', 'a.png'), square);
  const { outputs } = await run(simulator, {
    checkpoint: node('CheckpointLoaderSimple', { ckpt_name: 'stable-diffusion-1.5.safetensors' }),
    source: node('LoadImage', { image: 'a.png' }),
    encode: node('VAEEncode', { pixels: ['source', 0], vae: ['checkpoint', 2] }),
    mask: node('SetLatentNoiseMask', { samples: ['encode', 0], mask: ['source', 1] }),
    text: node('CLIPTextEncode', { clip: ['checkpoint', 1], text: 'a blue ocean' }),
    sample: node('KSampler', {
      model: ['checkpoint', 0],
      positive: ['text', 0],
      negative: ['text', 0],
      latent_image: ['mask', 0],
      seed: 1,
      steps: 1,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    }),
    decode: node('VAEDecode', { samples: ['sample', 0], vae: ['checkpoint', 2] }),
    save: node('SaveImage', { images: ['decode', 0], filename_prefix: 'x' }),
  });
  const { bytes } = await fetched(simulator, outputs.save?.images?.[0] as FileItem);
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number) => [...data.subarray((32 * 64 + x) * info.channels).subarray(0, 3)];
  expect(pixel(2)).toEqual([255, 0, 0]);
  expect(pixel(60)).not.toEqual([0, 0, 0]);
});

test('ImageUpscaleWithModel enlarges by the factor in the name of the model', async () => {
  const simulator = await newest();
  const { outputs } = await run(simulator, {
    ...colors,
    model: node('UpscaleModelLoader', { model_name: '2x-sharp.pth' }),
    up: node('ImageUpscaleWithModel', { upscale_model: ['model', 0], image: ['a', 0] }),
    save: node('SaveImage', { images: ['up', 0], filename_prefix: 'x' }),
  });
  const { bytes } = await fetched(simulator, outputs.save?.images?.[0] as FileItem);
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 80, height: 48 });
});

test.each<[string, Graph[string]['inputs'], string]>([
  ['ComfySwitchNode', { switch: false, on_false: 'no', on_true: 'yes' }, 'no'],
  ['StringFormat', { f_string: '{a} and {b}', 'values.a': 'x', 'values.b': 2 }, 'x and 2'],
  ['StringReplace', { string: 'a-b-c', find: '-', replace: '+' }, 'a+b+c'],
  ['ComfyMathExpression', { expression: '-(a + 2) ** 2 // 2 + max(a, 10)', 'values.a': 3 }, '-3.0'],
])('%s computes its value', async (className, inputs, value) => {
  const simulator = await newest();
  const graph = { value: node(className, inputs), show: node('PreviewAny', { source: ['value', 0] }) };
  expect((await run(simulator, graph)).outputs.show).toEqual({
    text: [expect.stringMatching(`^${value.replace('.0', '(\\.0)?').replaceAll('+', '\\+')}$`)],
  });
});

test('an unknown file of a model folder is rejected, and so is a file that was not uploaded', async () => {
  const simulator = await newest();
  const wrong = async (loader: Graph[string], save: Graph[string]) => {
    const { body } = await call(simulator, '/prompt', { prompt: { loader, save } });
    const errors = (body.node_errors as Record<string, { errors: { type: string }[] }>).loader?.errors ?? [];
    return errors.map(({ type }) => type);
  };
  const unet = node('UNETLoader', { unet_name: 'no.safetensors', weight_dtype: 'default' });
  const sound = node('LoadAudio', { audio: 'no.wav' });
  expect(await wrong(unet, node('PreviewAny', { source: ['loader', 0] }))).toEqual(['value_not_in_list']);
  expect(await wrong(sound, node('PreviewAudio', { audio: ['loader', 0] }))).toEqual(['custom_validation_failed']);
});

test('the classes of 0.33.0 do not exist in 0.3.64', async () => {
  const simulator = await start({ folders });
  const prompt = { a: node('DisableNoise'), b: node('PreviewAny', { source: ['a', 0] }) };
  await expect(submit(simulator, prompt)).rejects.toThrow('DisableNoise does not exist');
});
