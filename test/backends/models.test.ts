/** Models of every folder that a ComfyUI lists. */
import type { SimulatedNode } from '../../src/simulator/nodes/node.js';
import { dataOf } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';

let app: TestApp;
let alice: Client;

const loader = (input: string, files: string[]): SimulatedNode => ({
  input: { required: { [input]: ['COMBO', { options: files }] } },
  output: ['MODEL'],
  run: () => ({ outputs: [null] }),
});

beforeAll(async () => {
  const simulator = {
    checkpoints: ['a.safetensors'],
    loras: ['b.safetensors'],
    embeddings: ['neg/bad-hands'],
    folders: { upscale_models: ['u.pth'], unet_gguf: ['q4.gguf'], ipadapter: ['ip.bin', 'x.bin'], mystery: [] },
    nodes: {
      UpscaleModelLoader: loader('model_name', ['u.pth']),
      UnetLoaderGGUF: loader('unet_name', ['q4.gguf']),
      // Lists a part of its folder.
      AdapterLoader: loader('adapter', ['None', 'ip.bin']),
      // No folder has its files.
      OwnLoader: loader('weights', ['own.safetensors']),
      Presets: loader('size', ['512.5', '768.5']),
    },
  };
  app = await startTestApp({ simulator });
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(() => app.close());

const modelsOf = async (kind: string | null) =>
  (
    await dataOf(
      alice.ask('query ($kind: ModelKind) { models(kind: $kind) { kind name filename folder available } }', { kind }),
    )
  ).models.map((model: Record<string, unknown>) => [model.kind, model.name, model.filename, model.folder]);

test('each list of files is a kind of model, custom loaders and embeddings included', async () => {
  expect(await modelsOf(null)).toEqual([
    ['CHECKPOINT', 'a', 'a.safetensors', 'checkpoints'],
    ['DIFFUSION_MODEL', 'q4', 'q4.gguf', 'diffusion_models'],
    ['EMBEDDING', 'neg/bad-hands', 'neg/bad-hands.safetensors', 'embeddings'],
    ['LORA', 'b', 'b.safetensors', 'loras'],
    ['OTHER', 'own', 'own.safetensors', null],
    ['OTHER', 'ip', 'ip.bin', 'ipadapter'],
    ['UPSCALER', 'u', 'u.pth', 'upscale_models'],
  ]);
});

test('models of one kind are listed alone', async () => {
  expect(await modelsOf('EMBEDDING')).toHaveLength(1);
  expect(await modelsOf('CLIP_VISION')).toEqual([]);
});

test('each built-in workflow says what is missing: nothing', async () => {
  const { workflows } = await dataOf(
    alice.ask('{ workflows { name missing { kind name folder suggestions url } inputs { name modelKind } } }'),
  );
  expect(workflows.map(({ missing }: { missing: unknown[] }) => missing)).toEqual([[], [], []]);
  expect(workflows[0].inputs).toContainEqual({ name: 'model', modelKind: 'CHECKPOINT' });
});
