import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Graph } from '../../../src/comfyui/protocol/protocol.js';
import type { Simulator } from '../../../src/simulator/index.js';
import { card, closeAfterEach, picture, run, start, type TextToImage, textToImage } from '../support.js';

closeAfterEach();

const checkpoints = ['stable-diffusion-1.5.safetensors', 'dreamshaper-8.safetensors'];

/** Renders a prompt in a simulator of its own, so that nothing is cached, and returns the pixels. */
async function pixels(input: TextToImage, index = 0): Promise<{ hash: string; width: number; height: number }> {
  const simulator = await start({ checkpoints });
  const png = await picture(simulator, await run(simulator, textToImage({ seed: 7, ...input })), '9', index);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { hash: createHash('sha256').update(data).digest('hex'), width: info.width, height: info.height };
}

test('the same prompt and seed give the same pixels', async () => {
  expect(await pixels({})).toEqual(await pixels({ steps: 5, prefix: 'elsewhere' }));
});

test.each<[string, TextToImage]>([
  ['seed', { seed: 8 }],
  ['text', { text: 'a stormy ocean' }],
  ['negative text', { negative: 'clouds' }],
  ['checkpoint', { checkpoint: 'dreamshaper-8.safetensors' }],
])('a different %s gives a different picture', async (_what, input) => {
  expect((await pixels(input)).hash).not.toBe((await pixels({})).hash);
});

test.each([
  [64, 64],
  [192, 104],
  [72, 256],
])('the picture has the requested size: %i × %i', async (width, height) => {
  expect(await pixels({ width, height })).toMatchObject({ width, height });
});

test('the pictures of a batch differ', async () => {
  const batch = { batch: 2 };
  expect((await pixels(batch, 0)).hash).not.toBe((await pixels(batch, 1)).hash);
  expect((await pixels(batch, 0)).hash).toBe((await pixels({})).hash);
});

test.each([
  'a city at night',
  'snowy mountains at dawn',
  'a misty autumn forest',
  'desert dunes at sunset',
  'a meadow of flowers',
  'northern lights over the sea',
  'portrait of a cat',
  '',
])('the picture of %j has structure', async (text) => {
  const simulator = await start({ checkpoints });
  const png = await picture(simulator, await run(simulator, textToImage({ text, width: 128, height: 128 })), '9');
  const { channels, entropy } = await sharp(png).stats();
  expect(Math.max(...channels.map((channel) => channel.stdev))).toBeGreaterThan(12);
  expect(entropy).toBeGreaterThan(4);
});

describe('image to image', () => {
  const source = { r: 0, g: 200, b: 0 };

  /** The mean colour of the result for a green source. */
  async function meanOf(denoise: number): Promise<{ red: number; green: number }> {
    const simulator = await start({ checkpoints });
    const path = join(simulator.directory, 'input', 'green.png');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: source } })
      .png()
      .toFile(path);
    const graph: Graph = {
      ...textToImage({ text: 'desert at sunset', seed: 3 }),
      '10': { class_type: 'LoadImage', inputs: { image: 'green.png' } },
      '12': { class_type: 'VAEEncode', inputs: { pixels: ['10', 0], vae: ['4', 2] } },
    };
    Object.assign(graph['3']?.inputs ?? {}, { latent_image: ['12', 0], denoise });
    const { channels } = await sharp(await picture(simulator, await run(simulator, graph), '9')).stats();
    return { red: channels[0]?.mean ?? 0, green: channels[1]?.mean ?? 0 };
  }

  test('keeps the source at low denoise and replaces it at high denoise', async () => {
    const [low, half, full] = [await meanOf(0.1), await meanOf(0.5), await meanOf(1)];
    expect(low.green).toBeGreaterThan(185);
    expect(low.red).toBeLessThan(15);
    expect(half.red).toBeGreaterThan(low.red);
    expect(full.red).toBeGreaterThan(half.red);
  });

  test('changes nothing at a denoise of 0', async () => {
    const { red, green } = await meanOf(0);
    expect([Math.round(red), Math.round(green)]).toEqual([0, 200]);
  });
});

test('a second stage finishes the noisy latent of the first', async () => {
  const simulator = await start({ checkpoints });
  const graph = textToImage({ seed: 5, width: 64, height: 64 });
  const { '3': sampler } = graph;
  if (!sampler) throw new Error('The graph has a sampler');
  const shared = Object.fromEntries(
    Object.entries(sampler.inputs).filter(([name]) => !['seed', 'denoise'].includes(name)),
  );
  const stage = (more: object) => ({
    class_type: 'KSamplerAdvanced',
    inputs: { ...shared, noise_seed: 5, steps: 10, ...more },
  });
  graph['3'] = stage({ add_noise: 'enable', start_at_step: 0, end_at_step: 8, return_with_leftover_noise: 'enable' });
  graph['13'] = stage({
    add_noise: 'disable',
    start_at_step: 8,
    end_at_step: 10000,
    return_with_leftover_noise: 'disable',
    latent_image: ['3', 0],
  });
  Object.assign(graph['8']?.inputs ?? {}, { samples: ['13', 0] });
  const history = await run(simulator, graph, { client_id: 'me' });
  expect(history.status.completed).toBe(true);
  expect((await sharp(await picture(simulator, history, '9')).metadata()).width).toBe(64);
});

/** Text chunks of a PNG file, read without the simulator's own code. */
function texts(png: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) !== 'tEXt') continue;
    const [key = '', text = ''] = png.toString('latin1', at + 8, at + 8 + png.readUInt32BE(at)).split('\0');
    found[key] = text;
  }
  return found;
}

describe('the text in a saved PNG', () => {
  const saved = async (simulator: Simulator, extra_data: Record<string, unknown>) =>
    texts(await picture(simulator, await run(simulator, card({ prefix: 'größe' }), { extra_data }), '3'));

  test("is the executed graph and the client's extra info, in ASCII", async () => {
    const workflow = { nodes: [1, 'ü'] };
    const found = await saved(await start(), { extra_pnginfo: { workflow } });
    expect(Object.keys(found)).toEqual(['prompt', 'workflow']);
    expect(JSON.parse(found.prompt ?? '')).toMatchObject({ '3': { inputs: { filename_prefix: 'größe' } } });
    expect(found.workflow).toBe('{"nodes": [1, "\\u00fc"]}');
  });

  test('contains is_changed of a loaded image', async () => {
    const simulator = await start();
    await writeFile(
      join(simulator.directory, 'input', 'a.png'),
      await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    const graph: Graph = {
      '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
      '3': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    };
    const history = await run(simulator, graph);
    const { prompt } = texts(await picture(simulator, history, '3'));
    expect(JSON.parse(prompt ?? '')['1']).toHaveProperty('is_changed');
    expect(history.prompt[2]['1']).not.toHaveProperty('is_changed');
  });

  test('requires extra info to be an object; otherwise saving fails', async () => {
    const { status } = await run(await start(), card(), { extra_data: { extra_pnginfo: 5 } });
    expect(status.messages.at(-1)).toMatchObject(['execution_error', { exception_type: 'TypeError' }]);
  });
});
