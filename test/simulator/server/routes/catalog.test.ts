import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputSpec, NodeInfo, ObjectInfo } from '../../../../src/comfyui/protocol/protocol.js';
import { call, closeAfterEach, start } from '../../support.js';

closeAfterEach();

function recordedCatalogue(version: string): ObjectInfo {
  const path = new URL(`../../../comfyui/recordings/object_info-${version}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as ObjectInfo;
}

describe.each(['0.3.64', '0.8.0'] as const)('/object_info of %s', (version) => {
  test('equals the recorded entries of the same classes', async () => {
    const simulator = await start({ version, checkpoints: ['stable-diffusion-1.5.safetensors'] });
    const real = recordedCatalogue(version);
    for (const name of (real.LoadImage?.input.required?.image?.[0] as string[]) ?? []) {
      await writeFile(join(simulator.directory, 'input', name), '');
    }
    const ours = (await call(simulator, '/object_info')).body as ObjectInfo;
    const both = Object.keys(real).filter((name) => Object.hasOwn(ours, name));
    expect(both.length).toBeGreaterThan(18);
    for (const name of both) expect(ours[name]).toEqual(real[name]);
  });
});

/** Nested inputs without texts for people. */
function untold(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untold);
  if (typeof value !== 'object' || value === null) return value;
  const { tooltip: _, display_name: __, ...rest } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, untold(each)]));
}

/** The fields that decide whether a graph is accepted: types, bounds, choices and outputs. */
function binding({ input, output, output_node }: NodeInfo) {
  const bounds = (specs: Record<string, InputSpec> = {}) =>
    Object.entries(specs).map(([name, [type, { min, max, options } = {}]]) => [name, type, min, max, untold(options)]);
  return { required: bounds(input.required), optional: bounds(input.optional), output, output_node };
}

test('/object_info of 0.33.0 accepts the same inputs as the recorded entries', async () => {
  const simulator = await start({ version: '0.33.0', checkpoints: ['stable-diffusion-1.5.safetensors'] });
  const real = recordedCatalogue('0.33.0');
  await writeFile(join(simulator.directory, 'input', 'tone.wav'), '');
  const ours = (await call(simulator, '/object_info')).body as ObjectInfo;
  const both = Object.keys(real).filter((name) => Object.hasOwn(ours, name));
  expect(both.length).toBeGreaterThan(150);
  const bindings = (info: ObjectInfo) =>
    Object.fromEntries(both.map((name) => [name, binding(info[name] as NodeInfo)]));
  expect(bindings(ours)).toEqual(bindings(real));
});

test('GET /object_info/* returns one class, and an empty object for an unknown class', async () => {
  const simulator = await start();
  expect(Object.keys((await call(simulator, '/object_info/KSampler')).body)).toEqual(['KSampler']);
  expect(await call(simulator, '/object_info/Nothing')).toMatchObject({ status: 200, body: {} });
});

test('integers beyond 2^53 are written in full', async () => {
  const simulator = await start();
  expect((await call(simulator, '/object_info/KSampler')).text).toContain('"max": 18446744073709551615');
});

test('models are listed by folder; an unknown folder is 404', async () => {
  const folders = { diffusion_models: ['d.safetensors'] };
  const simulator = await start({
    checkpoints: ['a.safetensors'],
    loras: ['b.safetensors'],
    embeddings: ['c'],
    folders,
  });
  expect((await call(simulator, '/models')).body).toEqual(expect.arrayContaining(['checkpoints', 'loras', 'vae']));
  expect((await call(simulator, '/models/checkpoints')).body).toEqual(['a.safetensors']);
  expect((await call(simulator, '/api/models/loras')).body).toEqual(['b.safetensors']);
  expect((await call(simulator, '/models/diffusion_models')).body).toEqual(['d.safetensors']);
  expect((await call(simulator, '/embeddings')).body).toEqual(['c']);
  expect(await call(simulator, '/models/nothing')).toMatchObject({ status: 404, text: '' });
});

test('system stats contain the version, and /features the features', async () => {
  const simulator = await start({ version: '0.8.0' });
  expect((await call(simulator, '/system_stats')).body).toMatchObject({
    system: { comfyui_version: '0.8.0', argv: expect.any(Array) },
    devices: [{ name: 'cpu', type: 'cpu', index: null, vram_total: expect.any(Number) }],
  });
  expect((await call(simulator, '/features')).body).toMatchObject({
    supports_preview_metadata: true,
    max_upload_size: 104857600,
  });
});
