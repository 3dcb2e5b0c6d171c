/** The workflows of every ComfyUI make pictures, and pass their inputs to ComfyUI; families.test.ts tests those of one model family. */
import { readFileSync } from 'node:fs';
import { ComfyUI, checkGraph, type ObjectInfo } from '../../../src/comfyui/index.js';
import { builtIn } from '../../../src/workflows/built-in/index.js';
import type { InputValues, Workflow } from '../../../src/workflows/workflow.js';
import { rulesOf } from '../../comfyui/recordings.js';
import { becomes, create, expectTrueEnd, type Snapshot } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { textsOf } from './png.js';

/** A part of the catalogue of a ComfyUI 0.3.64. */
const recorded: ObjectInfo = JSON.parse(
  readFileSync(new URL('../../comfyui/recordings/object_info-0.3.64.json', import.meta.url), 'utf8'),
);
/** Core nodes that this part does not contain. */
const NOT_RECORDED = ['ImageCompositeMasked', 'RepeatImageBatch'];
const MAX_SEED = '18446744073709551615';

const everywhere = builtIn.filter((workflow) => !('family' in workflow));

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app.close());

const sampleValue = {
  STRING: 'a hill',
  INT: 1,
  FLOAT: 1,
  BOOLEAN: true,
  SEED: '7',
  CHOICE: '',
  MODEL: 'stable-diffusion-1.5.safetensors',
  LORAS: [],
  IMAGE: 'x.png',
  MASK: 'x.png',
  VIDEO: 'x.mp4',
  AUDIO: 'x.wav',
  FILE: 'x.bin',
};
const build = ({ inputs, build }: Workflow): ReturnType<Workflow['build']> => {
  const values: InputValues = Object.fromEntries(
    inputs.map(({ name, type, default: preset }) => [name, preset ?? sampleValue[type]]),
  );
  return build(values, 'comfygraph/x/1');
};
const inputsFor = async ({ inputs }: Workflow): Promise<InputValues> => ({
  ...(inputs.some(({ name }) => name === 'source') ? { source: (await picture()).id } : {}),
  ...(inputs.some(({ name }) => name === 'prompt') ? { prompt: 'a hill' } : {}),
  ...(inputs.some(({ name }) => name === 'steps') ? { steps: 2 } : {}),
});

async function picture(): Promise<{ id: string }> {
  const { id } = await create(alice);
  const [image] = (await becomes(alice, id, 'COMPLETED')).result?.images ?? [];
  if (!image) throw new Error('There is no picture');
  return image;
}

/** Like `create`, but without default inputs. */
async function createBy(workflow: string, input: InputValues): Promise<Snapshot> {
  const { data, errors } = await alice.ask(
    `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }`,
    { input: { workflow, ...input } },
  );
  expect(errors).toBeUndefined();
  return await becomes(alice, data.createGeneration.id, 'COMPLETED');
}

const bytesOf = async ({ result }: Snapshot, index = 0): Promise<Buffer> => {
  const answer = await fetch(app.url + result?.images[index]?.url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};

test.each(everywhere)('$name makes a picture of the requested size', async (workflow) => {
  const end = await createBy(workflow.name, { ...(await inputsFor(workflow)), width: 128, height: 64 });
  await expectTrueEnd(app, end);
  expect(end.result?.images).toEqual([expect.objectContaining({ width: 128, height: 64, contentType: 'image/png' })]);
});

test.each(everywhere)('ComfyUI can run the graph of $name', async (workflow) => {
  const graph = build(workflow);
  const faults = checkGraph(graph, rulesOf(recorded)).filter(
    ({ kind, nodeId }) => kind !== 'unknown_class' || !NOT_RECORDED.includes(graph[nodeId ?? '']?.class_type ?? ''),
  );
  expect(faults).toEqual([]);
  for (const { class_type, inputs } of Object.values(graph))
    for (const name of Object.keys(recorded[class_type]?.input.required ?? {}))
      expect(Object.keys(inputs)).toContain(name);
  const comfyui = new ComfyUI({ url: app.simulator.url });
  try {
    expect(checkGraph(graph, await comfyui.rules())).toEqual([]);
  } finally {
    await comfyui.close();
  }
});

test.each(everywhere)('the graph of $name has one SaveImage node, with the given prefix', (workflow) => {
  const saving = Object.values(build(workflow)).filter(({ class_type }) => class_type === 'SaveImage');
  expect(saving.map(({ inputs }) => inputs.filename_prefix)).toEqual(['comfygraph/x/1']);
});

test.each(builtIn)('the id and the name of $name are unique, and every node has a title', (workflow) => {
  expect(builtIn.filter(({ id }) => id === workflow.id)).toEqual([workflow]);
  expect(builtIn.filter(({ name }) => name === workflow.name)).toEqual([workflow]);
  for (const { _meta } of Object.values(build(workflow))) expect(_meta?.title).toMatch(/\S/);
});

test.each(everywhere)('$name passes the largest seed to ComfyUI unrounded', async (workflow) => {
  const end = await createBy(workflow.name, {
    ...(await inputsFor(workflow)),
    seed: MAX_SEED,
    width: 64,
    height: 64,
  });
  expect(end).toMatchObject({ seed: MAX_SEED, parameters: { seed: MAX_SEED } });
  const history = await (await fetch(`${app.simulator.url}/history`)).text();
  expect(history).toMatch(new RegExp(`"seed": "?${MAX_SEED}"?[,}]`));
  expect(textsOf(await bytesOf(end)).prompt).toMatch(new RegExp(`"seed": "?${MAX_SEED}"?[,}]`));
});

test('the picture contains its graph', async () => {
  const end = await createBy('text-to-image', { prompt: 'a hill, “seen” from afar', steps: 3, width: 64, height: 64 });
  const graph = JSON.parse(String(textsOf(await bytesOf(end)).prompt));
  expect(graph.sampler).toMatchObject({ class_type: 'KSampler', inputs: { steps: 3 } });
  expect(graph.positive.inputs.text).toBe('a hill, “seen” from afar');
});

test('batchSize makes that many different pictures', async () => {
  const end = await createBy('text-to-image', { prompt: 'a hill', steps: 2, width: 64, height: 64, batchSize: 8 });
  await expectTrueEnd(app, end);
  expect(end.result?.images).toHaveLength(8);
  const pictures = await Promise.all(Array.from({ length: 8 }, (_, index) => bytesOf(end, index)));
  expect(new Set(pictures.map((bytes) => bytes.toString('base64'))).size).toBe(8);
});

test('the same seed makes the same graph, under another filename prefix', async () => {
  const input = { prompt: 'a hill', steps: 2, width: 64, height: 64, seed: '42' };
  const [first, second] = [await createBy('text-to-image', input), await createBy('text-to-image', input)];
  const graphs = await Promise.all(
    [first, second].map(async (end) => JSON.parse(String(textsOf(await bytesOf(end)).prompt))),
  );
  expect(graphs[0].save.inputs.filename_prefix).not.toBe(graphs[1].save.inputs.filename_prefix);
  expect({ ...graphs[0], save: null }).toEqual({ ...graphs[1], save: null });
  expect(first.result?.images[0]?.id).not.toBe(second.result?.images[0]?.id);
});

test.each(builtIn.map(({ name }) => name))('the page has German words for %s', (name) => {
  const texts = readFileSync(new URL('../../../src/web/studio/generation/built-in.de.ts', import.meta.url), 'utf8');
  expect(texts.replaceAll("'", '')).toContain(`\n  ${name}: {\n    title: `);
});
