import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Graph, GraphNode } from '../../../src/comfyui/protocol/protocol.js';
import type { Simulator } from '../../../src/simulator/index.js';
import { closeAfterEach, picture, run, start, textToImage } from '../support.js';

closeAfterEach();

const node = (class_type: string, inputs: Record<string, unknown>): GraphNode => ({ class_type, inputs });

/** A picture of four fields, 16 × 8 pixels each: red and green above blue and white. */
async function withSource(simulator: Simulator): Promise<GraphNode> {
  const tile = (background: string, left: number, top: number) => ({
    input: { create: { width: 16, height: 8, channels: 3, background } } as const,
    left,
    top,
  });
  const base = sharp({ create: { width: 32, height: 16, channels: 3, background: 'black' } });
  const tiles = [tile('#f00', 0, 0), tile('#0f0', 16, 0), tile('#00f', 0, 8), tile('#fff', 16, 8)];
  await base
    .composite(tiles)
    .png()
    .toFile(join(simulator.directory, 'input', 'source.png'));
  return node('LoadImage', { image: 'source.png' });
}

/** Runs nodes on the source (node `1`), saves the output of `last` and reads the picture. */
async function result(nodes: Graph, last: [string, number] = ['2', 0]) {
  const simulator = await start();
  const graph = {
    '1': await withSource(simulator),
    ...nodes,
    '9': node('SaveImage', { images: last, filename_prefix: 'x' }),
  };
  const history = await run(simulator, graph);
  const last0 = history.status.messages.at(-1);
  if (last0?.[0] !== 'execution_success') throw new Error(JSON.stringify(last0));
  const png = await picture(simulator, history, '9');
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => {
    const from = (y * info.width + x) * info.channels;
    return [...data.subarray(from, from + 3)].map((value) => value.toString(16).padStart(2, '0')).join('');
  };
  return { size: [info.width, info.height], at, count: history.outputs['9']?.images?.length };
}

test('ImageInvert turns red into cyan', async () => {
  expect((await result({ '2': node('ImageInvert', { image: ['1', 0] }) })).at(2, 2)).toBe('00ffff');
});

test.each([
  ['disabled', 64, 64, [64, 64]],
  ['center', 20, 20, [20, 20]],
  ['disabled', 0, 32, [64, 32]],
  ['disabled', 0, 0, [32, 16]],
])('ImageScale with crop %s to %i × %i returns %j', async (crop, width, height, size) => {
  const inputs = { image: ['1', 0], upscale_method: 'bicubic', width, height, crop };
  expect((await result({ '2': node('ImageScale', inputs) })).size).toEqual(size);
});

test('ImageScaleBy scales both sides', async () => {
  const inputs = { image: ['1', 0], upscale_method: 'nearest-exact', scale_by: 1.5 };
  expect((await result({ '2': node('ImageScaleBy', inputs) })).size).toEqual([48, 24]);
});

test('ImageCrop crops within the picture', async () => {
  const inputs = { image: ['1', 0], width: 100, height: 4, x: 20, y: 2 };
  const { size, at } = await result({ '2': node('ImageCrop', inputs) });
  expect([size, at(0, 0)]).toEqual([[12, 4], '00ff00']);
});

test('ImageFlip and ImageRotate turn the picture', async () => {
  const flip = (flip_method: string) => result({ '2': node('ImageFlip', { image: ['1', 0], flip_method }) });
  expect((await flip('x-axis: vertically')).at(2, 2)).toBe('0000ff');
  expect((await flip('y-axis: horizontally')).at(2, 2)).toBe('00ff00');
  const { size, at } = await result({ '2': node('ImageRotate', { image: ['1', 0], rotation: '90 degrees' }) });
  expect([size, at(2, 2)]).toEqual([[16, 32], '0000ff']);
});

test('ImagePadForOutpaint pads with grey and returns the mask of the padding', async () => {
  const pad = node('ImagePadForOutpaint', { image: ['1', 0], left: 8, top: 0, right: 0, bottom: 0, feathering: 0 });
  const picture = await result({ '2': pad });
  expect([picture.size, picture.at(2, 2), picture.at(10, 2)]).toEqual([[40, 16], '808080', 'ff0000']);
  const mask = await result({ '2': pad, '3': node('MaskToImage', { mask: ['2', 1] }) }, ['3', 0]);
  expect([mask.size, mask.at(2, 2), mask.at(30, 2)]).toEqual([[40, 16], 'ffffff', '000000']);
});

test('ImageBlend mixes by its mode', async () => {
  const blend = (blend_mode: string, blend_factor: number) =>
    result({
      '3': node('ImageInvert', { image: ['1', 0] }),
      '2': node('ImageBlend', { image1: ['1', 0], image2: ['3', 0], blend_factor, blend_mode }),
    });
  expect((await blend('normal', 1)).at(2, 2)).toBe('00ffff');
  expect((await blend('multiply', 1)).at(2, 2)).toBe('000000');
  expect((await blend('screen', 1)).at(2, 2)).toBe('ffffff');
});

test('ImageBlur and ImageSharpen change edges and not plain fields', async () => {
  const blurred = await result({ '2': node('ImageBlur', { image: ['1', 0], blur_radius: 3, sigma: 2 }) });
  expect([blurred.at(2, 2), blurred.at(15, 2)]).toEqual([
    expect.stringMatching(/^f.0.0./),
    expect.not.stringMatching('ff0000'),
  ]);
  const sharpened = node('ImageSharpen', { image: ['1', 0], sharpen_radius: 1, sigma: 1, alpha: 1 });
  expect((await result({ '2': sharpened })).at(2, 2)).toBe('ff0000');
});

test("ImageBlur with a radius too large for the picture fails with torch's error", async () => {
  const simulator = await start();
  const { status } = await run(simulator, {
    '1': node('EmptyImage', { width: 16, height: 16, batch_size: 1, color: 0 }),
    '2': node('ImageBlur', { image: ['1', 0], blur_radius: 31, sigma: 1 }),
    '3': node('PreviewImage', { images: ['2', 0] }),
  });
  const [type, data] = status.messages.at(-1) ?? [];
  expect(type).toBe('execution_error');
  expect(data).toMatchObject({
    node_id: '2',
    node_type: 'ImageBlur',
    exception_type: 'RuntimeError',
    exception_message: expect.stringMatching(/padding.*\n$/),
    current_inputs: { blur_radius: [31], image: [expect.stringContaining('tensor')] },
  });
});

test('ImageQuantize reduces the colours', async () => {
  const { at } = await result({ '2': node('ImageQuantize', { image: ['1', 0], colors: 4, dither: 'none' }) });
  expect(at(2, 2)).toMatch(/^f[c-f]0[0-3]0[0-3]$/);
});

test('ImageAddNoise depends only on its seed', async () => {
  const noisy = async (seed: number) => {
    const { at } = await result({ '2': node('ImageAddNoise', { image: ['1', 0], seed, strength: 0.5 }) });
    return [at(1, 1), at(9, 4), at(20, 12)].join();
  };
  expect(await noisy(1)).toBe(await noisy(1));
  expect(await noisy(1)).not.toBe(await noisy(2));
});

test('ImageCompositeMasked draws the source where the mask is white', async () => {
  const { at } = await result({
    '3': node('EmptyImage', { width: 8, height: 8, batch_size: 1, color: 0x123456 }),
    '4': node('SolidMask', { value: 1, width: 8, height: 8 }),
    '2': node('ImageCompositeMasked', {
      destination: ['1', 0],
      source: ['3', 0],
      x: 4,
      y: 4,
      resize_source: false,
      mask: ['4', 0],
    }),
  });
  expect([at(2, 2), at(6, 6)]).toEqual(['ff0000', '123456']);
});

test('InvertMask inverts a mask, and ImageToMask reads a channel', async () => {
  const { at } = await result(
    {
      '2': node('ImageToMask', { image: ['1', 0], channel: 'red' }),
      '3': node('InvertMask', { mask: ['2', 0] }),
      '4': node('MaskToImage', { mask: ['3', 0] }),
    },
    ['4', 0],
  );
  expect([at(2, 2), at(20, 2)]).toEqual(['000000', 'ffffff']);
});

test('batch nodes join, repeat and split batches', async () => {
  const batch = node('ImageBatch', { image1: ['1', 0], image2: ['1', 0] });
  expect((await result({ '2': batch })).count).toBe(2);
  expect(
    (await result({ '2': batch, '3': node('RepeatImageBatch', { image: ['2', 0], amount: 3 }) }, ['3', 0])).count,
  ).toBe(6);
  const one = node('ImageFromBatch', { image: ['2', 0], batch_index: 1, length: 5 });
  expect((await result({ '2': batch, '3': one }, ['3', 0])).count).toBe(1);
});

test('links carry texts and numbers', async () => {
  const simulator = await start();
  const { outputs } = await run(simulator, {
    '1': node('PrimitiveString', { value: 'a' }),
    '2': node('PrimitiveStringMultiline', { value: 'b' }),
    '3': node('StringConcatenate', { string_a: ['1', 0], string_b: ['2', 0], delimiter: '-' }),
    '4': node('PreviewAny', { source: ['3', 0] }),
    '5': node('PrimitiveInt', { value: '9007199254740993' }),
    '6': node('PreviewAny', { source: ['5', 0] }),
    '7': node('PrimitiveBoolean', { value: 'false' }),
    '8': node('PreviewAny', { source: ['7', 0] }),
  });
  expect(outputs).toEqual({ '4': { text: ['a-b'] }, '6': { text: ['9007199254740993'] }, '8': { text: ['True'] } });
});

test('loading a file that is no image fails', async () => {
  const simulator = await start();
  await writeFile(join(simulator.directory, 'input', 'a.png'), 'no picture');
  const { status } = await run(simulator, {
    '1': node('LoadImage', { image: 'a.png' }),
    '2': node('PreviewImage', { images: ['1', 0] }),
  });
  expect(status.messages.at(-1)).toMatchObject(['execution_error', { exception_type: 'PIL.UnidentifiedImageError' }]);
});

test('a constant in place of a picture passes validation and fails at execution', async () => {
  const { status } = await run(await start(), { '2': node('PreviewImage', { images: 'abc' }) });
  expect(status.messages.at(-1)).toMatchObject(['execution_error', { node_id: '2', exception_type: 'AttributeError' }]);
});

test('an undeclared link to an existing node is an unexpected argument', async () => {
  const { status } = await run(await start(), {
    '1': node('EmptyImage', { width: 8, height: 8, batch_size: 1, color: 0 }),
    '2': node('PreviewImage', { images: ['1', 0], extra: ['1', 0] }),
  });
  expect(status.messages.at(-1)).toMatchObject([
    'execution_error',
    { exception_message: "PreviewImage.save_images() got an unexpected keyword argument 'extra'\n" },
  ]);
});

test('a VAE without weights encodes and decodes', async () => {
  const { at } = await result(
    {
      '3': node('VAELoader', { vae_name: 'pixel_space' }),
      '4': node('VAEEncode', { pixels: ['1', 0], vae: ['3', 0] }),
      '5': node('VAEDecode', { samples: ['4', 0], vae: ['3', 0] }),
    },
    ['5', 0],
  );
  expect(at(2, 2)).toBe('ff0000');
});

test('a LoRA changes the picture', async () => {
  const simulator = await start({ checkpoints: ['a'], loras: ['style.safetensors'] });
  const plain = textToImage({ checkpoint: 'a', seed: 1, prefix: 'plain' });
  const styled = textToImage({ checkpoint: 'a', seed: 1, prefix: 'styled' });
  const lora = { model: ['4', 0], clip: ['4', 1], lora_name: 'style.safetensors', strength_model: 1, strength_clip: 1 };
  styled['10'] = node('LoraLoader', lora);
  Object.assign(styled['3']?.inputs ?? {}, { model: ['10', 0] });
  const pixels = async (graph: Graph) =>
    sharp(await picture(simulator, await run(simulator, graph), '9'))
      .raw()
      .toBuffer();
  expect((await pixels(plain)).equals(await pixels(styled))).toBe(false);
});
