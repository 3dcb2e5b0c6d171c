/** The registry finds workflows in all of its sources. */
import { demoModels } from '../../src/simulator/demo-models.js';
import { builtIn, builtInSource } from '../../src/workflows/built-in/index.js';
import type { Input, Workflow } from '../../src/workflows/workflow.js';
import { type WorkflowSource, Workflows } from '../../src/workflows/workflows.js';

const workflow = (name: string, version: number): Workflow => ({
  id: `${name}-${version}`,
  name,
  version,
  description: '',
  inputs: [],
  build: () => ({}),
});
const [older, newer] = [workflow('mine', 1), workflow('mine', 2)];

/** The files that the loaders of the families list. */
const demoFiles = (entry: Input['catalogue']): string[] => {
  const { checkpoints, vaes, folders } = demoModels;
  const listed: Record<string, string[]> = {
    CheckpointLoaderSimple: checkpoints,
    UNETLoader: folders.diffusion_models,
    UpscaleModelLoader: folders.upscale_models,
    VAELoader: vaes,
  };
  return listed[entry?.classType ?? ''] ?? folders.text_encoders;
};

/** Alice's saved workflows, newest first. */
const saved = (workflows: readonly Workflow[]): WorkflowSource => ({
  list: async (userId) => (userId === 'alice' ? workflows.filter(({ version }) => version === 2) : []),
  findMany: async (references) =>
    references.map(({ userId, name, version }) =>
      workflows.find((each) => userId === 'alice' && each.name === name && (version ?? each.version) === each.version),
    ),
  findById: async (userId, id) => workflows.find((each) => userId === 'alice' && each.id === id),
});
/** A ComfyUI with every class and file. */
const everything = builtInSource({ choices: (input) => demoFiles(input.catalogue), canRun: () => true });
const workflows = new Workflows([everything, saved([newer, older])]);

test('a list holds the workflows of every source, and only those of its user', async () => {
  expect(await workflows.list('alice')).toEqual([...builtIn, newer]);
  expect(await workflows.list('bob')).toEqual(builtIn);
});

test('a name without a version finds the newest version', async () => {
  expect(await workflows.find({ userId: 'alice', name: 'mine' })).toBe(newer);
  expect(await workflows.find({ userId: 'alice', name: 'mine', version: 1 })).toBe(older);
  expect(await workflows.find({ userId: 'alice', name: 'mine', version: 3 })).toBeUndefined();
  expect(await workflows.find({ userId: 'bob', name: 'mine' })).toBeUndefined();
});

test('many references are found at once, in their order', async () => {
  const references = ['test-card', 'mine', 'missing'].map((name) => ({ userId: 'alice', name }));
  const found = await workflows.findMany(references);
  expect(found.map((each) => each?.name)).toEqual(['test-card', 'mine', undefined]);
});

test('an id is found for the user who may use it', async () => {
  const [first] = builtIn;
  expect(await workflows.findById('bob', String(first?.id))).toBe(first);
  expect(await workflows.findById('alice', 'mine-1')).toBe(older);
  expect(await workflows.findById('bob', 'mine-1')).toBeUndefined();
});

test('of two sources with the same name the first one wins', async () => {
  const shadowed = new Workflows([everything, saved([workflow('test-card', 2)])]);
  expect(await shadowed.list('alice')).toEqual(builtIn);
  expect((await shadowed.find({ userId: 'alice', name: 'test-card' }))?.version).toBe(1);
});
