/**
 * The families of models: each makes its result on a ComfyUI that has its classes and files, and is offered only there.
 *
 * @slow: runs every family.
 */
import { ComfyUI, checkGraph, type ObjectInfo } from '../../../src/comfyui/index.js';
import { demoModels } from '../../../src/simulator/demo-models.js';
import type { familyWorkflow } from '../../../src/workflows/built-in/family.js';
import { imageToImage } from '../../../src/workflows/built-in/image-to-image.js';
import { families } from '../../../src/workflows/built-in/index.js';
import { textToImage } from '../../../src/workflows/built-in/text-to-image.js';
import { preferred } from '../../../src/workflows/preferred.js';
import type { InputValues, Lora, Workflow } from '../../../src/workflows/workflow.js';
import { rulesOf } from '../../comfyui/recordings.js';
import { readResult } from '../../generations/outputs/support.js';
import { becomes, create, type Snapshot } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

const NEWEST = { ...demoModels, version: '0.33.0', previews: false, stepMs: 0 } as const;

let app: TestApp;
let alice: Client;
let source: string;
let catalogue: ObjectInfo;

beforeAll(async () => {
  app = await startTestApp({ simulator: NEWEST });
  alice = await signUp(app.url);
  const { id } = await create(alice);
  source = String((await becomes(alice, id, 'COMPLETED')).result?.images[0]?.id);
  const comfyui = new ComfyUI({ url: app.simulator.url });
  catalogue = await comfyui.objectInfo();
  await comfyui.close();
});
afterAll(() => app.close());

const CREATE = `mutation ($input: CreateGenerationInput!) {
  createGeneration(input: $input) { id workflow { name version } model { name } parameters }
}`;
type Created = { id: string; workflow: { name: string }; model: { name: string }; parameters: InputValues };

async function created(input: InputValues): Promise<Created> {
  const { data, errors } = await alice.ask(CREATE, { input });
  expect(errors).toBeUndefined();
  return data.createGeneration;
}

async function namesOf(client: Client): Promise<string[]> {
  const { data } = await client.ask(`{ workflows { name } }`);
  return data.workflows.map(({ name }: { name: string }) => name);
}

/** Small values for the inputs that the workflow has. */
function inputsFor({ inputs }: Workflow): InputValues {
  const has = (name: string) => inputs.some((input) => input.name === name);
  return {
    ...(has('source') && { source }),
    ...(has('prompt') && { prompt: 'a lake' }),
    ...(has('steps') && { steps: 2 }),
    ...(has('width') && { width: 128, height: 64 }),
    ...(has('length') && { parameters: { length: 5 } }),
    ...(has('seconds') && { parameters: { seconds: 1 } }),
  };
}

/** The graph with the defaults, and files that the simulator has. */
function graphOf({ family, inputs, build }: ReturnType<typeof familyWorkflow>, loras: readonly Lora[] = []) {
  const { checkpoints, folders } = demoModels;
  const { diffusion_models, upscale_models } = folders;
  const byKind: Partial<Record<string, string[]>> = {
    CHECKPOINT: checkpoints,
    DIFFUSION_MODEL: diffusion_models,
    UPSCALER: upscale_models,
  };
  const values = inputs.map(({ name, type, default: preset }) => [name, type === 'LORAS' ? loras : (preset ?? '7')]);
  const small = { source: 'a.png', prompt: 'a lake', steps: 2, width: 64, height: 64, length: 5, seconds: 1 };
  const model = preferred(family.model.files, byKind[family.model.kind]);
  return build({ ...Object.fromEntries(values), ...small, batchSize: 1, model }, 'x/y');
}

const OF_IMAGES = families.filter(({ family }) => family.output === 'IMAGE');

test.each(OF_IMAGES)('$name makes a picture', async (workflow) => {
  const { id } = await created({ workflow: workflow.name, ...inputsFor(workflow) });
  const end: Snapshot = await becomes(alice, id, 'COMPLETED');
  const size = workflow.inputs.some(({ name }) => name === 'width') ? { width: 128, height: 64 } : {};
  expect(end.result?.images).toEqual([expect.objectContaining({ ...size, contentType: 'image/png' })]);
});

test.each(families)('ComfyUI accepts the graph of $name', (workflow) => {
  const graph = graphOf(workflow);
  expect(checkGraph(graph, rulesOf(catalogue))).toEqual([]);
  for (const { class_type, inputs } of Object.values(graph))
    for (const name of Object.keys(catalogue[class_type]?.input.required ?? {}))
      expect(Object.keys(inputs)).toContain(name);
  for (const { inputs } of Object.values(graph)) expect(Object.values(inputs)).not.toContain(undefined);
});

test.each(families.filter(({ family }) => family.loras))(
  'ComfyUI accepts the graph of $name with LoRAs',
  (workflow) => {
    const loras = demoModels.loras.map((name) => ({ name, strength: 0.5 }));
    const graph = graphOf(workflow, loras);
    expect(checkGraph(graph, rulesOf(catalogue))).toEqual([]);
    const names = Object.values(graph).flatMap(({ inputs }) => inputs.lora_name ?? []);
    expect(names).toEqual(loras.map(({ name }) => name));
  },
);

const defaultsOf = async (workflow: string, model?: string) => {
  const { data } = await alice.ask(
    'query ($workflow: String!, $model: String) { generationDefaults(workflow: $workflow, model: $model) { model workflow { name inputs { name default } } } }',
    { workflow, model },
  );
  return data.generationDefaults;
};

test('a form is told what a creation takes where it says nothing', async () => {
  const one = await created({ prompt: 'a lake' });
  const defaults = await defaultsOf('text-to-image');
  expect(defaults).toMatchObject({ workflow: { name: one.workflow.name }, model: one.model.name });
  const taken = defaults.workflow.inputs.filter(({ name }: { name: string }) => ['steps', 'width'].includes(name));
  expect(taken).toEqual([
    { name: 'steps', default: one.parameters.steps },
    { name: 'width', default: one.parameters.width },
  ]);
  expect(await defaultsOf('text-to-image', 'no such model')).toMatchObject({ model: null });
  const { errors } = await alice.ask('{ generationDefaults(workflow: "nope") { model } }');
  expect(errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
});

test('LoRAs go with a creation whose model chooses the family', async () => {
  const loras = [{ name: 'watercolor', strength: 0.8 }];
  const model = 'z_image_turbo_bf16';
  const { id, workflow, parameters } = await created({
    prompt: 'a lake',
    model,
    steps: 2,
    width: 128,
    height: 64,
    loras,
  });
  expect({ name: workflow.name, loras: parameters.loras }).toEqual({ name: 'z-image-turbo', loras });
  await becomes(alice, id, 'COMPLETED');
});

test.each<[string, object]>([
  ['wan-2.2-text-to-video', { kind: 'VIDEO', contentType: 'video/mp4', width: 128, height: 64, output: 'video' }],
  ['wan-2.2-image-to-video', { kind: 'VIDEO', contentType: 'video/mp4', width: 128, height: 64, output: 'video' }],
  ['wan-2.2-5b', { kind: 'VIDEO', contentType: 'video/mp4', width: 128, height: 64, output: 'video' }],
  ['ace-step-1.5', { kind: 'AUDIO', contentType: 'audio/mpeg', output: 'audio' }],
  ['hunyuan3d-2.1', { kind: 'MODEL_3D', contentType: 'model/gltf-binary', output: 'model-3d' }],
])('%s makes a file', async (name, expected) => {
  const workflow = families.find((each) => each.name === name);
  if (!workflow) throw new Error(`No family ${name}`);
  const { id } = await created({ workflow: name, ...inputsFor(workflow) });
  await becomes(alice, id, 'COMPLETED');
  const { images, files, problems } = await readResult(alice, id);
  expect({ images, files, problems }).toEqual({ images: [], files: [expect.objectContaining(expected)], problems: [] });
});

describe('the model chooses the family', () => {
  test.each([
    ['text-to-image', 'z_image_turbo_bf16', 'z-image-turbo'],
    ['text-to-image', 'flux1-dev-fp8', 'flux-1-checkpoint'],
    ['text-to-image', 'flux1-dev.safetensors', 'flux-1'],
    ['text-to-image', 'flux-2-klein-4b', 'flux-2-klein'],
    ['text-to-image', 'sdxl-base-1.0', 'sdxl'],
    ['text-to-image', 'stable-diffusion-1.5', 'text-to-image'],
    ['image-to-image', 'qwen_image_edit_2511_bf16', 'qwen-image-edit'],
    ['image-to-image', 'qwen_image_2512_fp8_e4m3fn', 'qwen-image-image-to-image'],
    ['image-to-image', 'flux-2-klein-4b', 'flux-2-klein-edit'],
    ['inpaint', 'z_image_turbo_bf16', 'z-image-turbo-inpaint'],
    ['inpaint', 'dreamshaper-8', 'inpaint'],
  ])('%s with %s runs %s', async (workflow, model, family) => {
    const from = workflow === 'text-to-image' ? {} : { source };
    const one = await created({ workflow, model, prompt: 'a lake', ...from });
    expect(one.workflow.name).toBe(family);
    expect(await defaultsOf(workflow, model)).toMatchObject({ workflow: { name: family }, model: one.model.name });
    expect(one.model.name).toBe(model.replace('.safetensors', ''));
  });

  test('the defaults are those of the family', async () => {
    const { parameters } = await created({ model: 'z_image_turbo_bf16', prompt: 'a lake' });
    expect(parameters).toMatchObject({
      steps: 8,
      guidance: 1,
      sampler: 'res_multistep',
      width: 1024,
      vae: 'ae',
      textEncoder: 'qwen_3_4b',
    });
  });

  test('the files of a family are models of their kinds, which a caller names as models', async () => {
    const { data } = await alice.ask(
      `{ workflow(name: "flux-1") { inputs { name type modelKind choices default } } models { kind name } }`,
    );
    const inputs = data.workflow.inputs.filter(({ name }: { name: string }) => /^(textEncoder|vae)/.test(name));
    const model = (name: string, modelKind: string, preset: string) => ({
      name,
      type: 'MODEL',
      modelKind,
      choices: null,
      default: preset,
    });
    expect(inputs).toEqual([
      model('textEncoder', 'TEXT_ENCODER', 'clip_l.safetensors'),
      model('textEncoder2', 'TEXT_ENCODER', 't5xxl_fp16.safetensors'),
      model('vae', 'VAE', 'ae.safetensors'),
    ]);
    for (const { modelKind, default: preset } of inputs)
      expect(data.models).toContainEqual({ kind: modelKind, name: preset.replace('.safetensors', '') });
    const given = { model: 'flux1-dev', prompt: 'a lake', width: 64, height: 64, steps: 2 };
    const { id, model: used, parameters } = await created({ ...given, parameters: { vae: 'ae' } });
    expect([used.name, parameters.vae, parameters.textEncoder2]).toEqual(['flux1-dev', 'ae', 't5xxl_fp16']);
    await becomes(alice, id, 'COMPLETED');
    const { errors } = await alice.ask(CREATE, { input: { ...given, parameters: { vae: 'a' } } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'vae', suggestions: ['ae'] });
  });

  test('an input that the family lacks is refused, unless it says nothing', async () => {
    const input = { model: 'flux1-dev', prompt: 'a lake' };
    await created({ ...input, negativePrompt: '' });
    const { errors } = await alice.ask(CREATE, { input: { ...input, negativePrompt: 'people' } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'negativePrompt' });
  });

  test('a retry keeps the family', async () => {
    const { id } = await created({ model: 'flux-2-klein-4b', prompt: 'a lake', width: 64, height: 64, priority: 10 });
    await becomes(alice, id, 'COMPLETED');
    const { data } = await alice.ask(
      `mutation ($id: ID!) { retryGeneration(id: $id) { workflow { name } parameters } }`,
      { id },
    );
    expect(data.retryGeneration).toMatchObject({ workflow: { name: 'flux-2-klein' }, parameters: { steps: 4 } });
  });

  test.each([
    [
      'that makes pictures',
      ['wan2.2-t2v', 'ace_step_v1_3.5b', 'hunyuan3d-dit-v2-1', 'ltxv-13b', 'svd_xt', 'swan-3d'],
      5,
    ],
    ['while none makes pictures', ['ltx-video-2b', 'svd_xt'], 0],
  ])('the default is the first checkpoint %s', (_, checkpoints, nth) => {
    for (const workflow of [textToImage, imageToImage, ...families.filter(({ name }) => name === 'inpaint')]) {
      const { prefers } = workflow.inputs.find(({ name }) => name === 'model') ?? {};
      expect(preferred(prefers, checkpoints)).toBe(checkpoints[nth]);
    }
  });

  test('a checkpoint of videos that comes first is not the default', async () => {
    const checkpoints = ['ace_step_v1_3.5b.safetensors', 'svd_xt.safetensors', 'zebra.safetensors'];
    const other = await startTestApp({ simulator: { checkpoints, stepMs: 0 } });
    try {
      const bob = await signUp(other.url);
      await allOnline(bob);
      const { data } = await bob.ask(CREATE, { input: { prompt: 'a lake' } });
      expect(data.createGeneration).toMatchObject({ workflow: { name: 'text-to-image' }, model: { name: 'zebra' } });
    } finally {
      await other.close();
    }
  });

  test('without a checkpoint for pictures the default is a model of another family', async () => {
    const only = {
      ...NEWEST,
      checkpoints: ['svd_xt.safetensors'],
      folders: { ...demoModels.folders, diffusion_models: ['z_image.safetensors'] },
    };
    const other = await startTestApp({ simulator: only });
    try {
      const bob = await signUp(other.url);
      await until(async () => (await namesOf(bob)).includes('z-image-turbo'), 'the catalogue');
      const { data } = await bob.ask(CREATE, { input: { prompt: 'a lake' } });
      expect(data.createGeneration).toMatchObject({ workflow: { name: 'z-image-turbo' }, model: { name: 'z_image' } });
    } finally {
      await other.close();
    }
  });
});

describe('a family is offered', () => {
  test('where a ComfyUI has its classes and files', async () => {
    expect(await namesOf(alice)).toEqual(expect.arrayContaining(families.map(({ name }) => name)));
  });

  test('not where its files are missing, which a creation names', async () => {
    const other = await startTestApp({ simulator: { ...NEWEST, vaes: ['flux2-vae.safetensors'] } });
    try {
      const bob = await signUp(other.url);
      const names = await until(async () => {
        const listed = await namesOf(bob);
        return listed.includes('sdxl') && listed;
      }, 'the catalogue');
      expect(names).toEqual(expect.arrayContaining(['text-to-image', 'flux-2-klein', 'sdxl']));
      expect(names).not.toContain('z-image-turbo');
      const { errors } = await bob.ask(CREATE, { input: { workflow: 'z-image-turbo', prompt: 'a lake' } });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'vae',
        missing: [expect.objectContaining({ name: 'ae.safetensors' })],
      });
    } finally {
      await other.close();
    }
  });

  test('not where its classes are missing', async () => {
    const other = await startTestApp({ simulator: { ...NEWEST, version: '0.3.64' } });
    try {
      const bob = await signUp(other.url);
      const names = await until(async () => {
        const listed = await namesOf(bob);
        return listed.includes('sdxl') && listed;
      }, 'the catalogue');
      expect(names).not.toContain('flux-1-checkpoint');
    } finally {
      await other.close();
    }
  });
});
