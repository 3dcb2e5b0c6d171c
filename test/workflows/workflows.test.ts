/** The registry finds workflows in all of its sources. */
import { demoModels } from '../../src/simulator/demo-models.js';
import { builtIn, builtInSource } from '../../src/workflows/built-in/index.js';
import type { Input, Workflow } from '../../src/workflows/workflow.js';
import { type WorkflowSource, Workflows } from '../../src/workflows/workflows.js';

const workflow = (name: string, version: number): Workflow => ({
  id: `${name}-${version}`,
  name,
  version,
  inputs: [],
  outputs: [],
  build: () => ({}),
});
const [older, newer] = [workflow('mine', 1), workflow('mine', 2)];

/** The files that the loaders of the families list. */
const demoFiles = (entry: Input['catalogue']): string[] => {
  const { checkpoints, vaes, folders } = demoModels;
  const listed: Record<string, string[]> = {
    CheckpointLoaderSimple: checkpoints,
    ImageOnlyCheckpointLoader: checkpoints,
    UNETLoader: folders.diffusion_models,
    UpscaleModelLoader: folders.upscale_models,
    VAELoader: vaes,
  };
  return listed[entry?.classType ?? ''] ?? folders.text_encoders;
};

/** Alice's saved workflows, newest first. */
const saved = (workflows: readonly Workflow[]): WorkflowSource => ({
  list: async (userId) => (userId === 'alice' ? workflows.filter(({ version }) => version === 2) : []),
  find: async ({ userId, name, version }) =>
    workflows.find((each) => userId === 'alice' && each.name === name && (version ?? each.version) === each.version),
  findRecorded: async (records) => records.map(({ id }) => workflows.find((each) => each.id === id)),
  findById: async (id) => workflows.find((each) => each.id === id),
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

test('records of generations are found at once, in their order: built-in ones by name, saved ones by id', async () => {
  const records = [
    { id: null, name: 'test-card', version: 1 },
    { id: 'mine-1', name: 'mine', version: 1 },
    { id: null, name: 'mine', version: 1 },
    { id: 'unknown', name: 'test-card', version: 1 },
  ];
  const found = await workflows.findRecorded(records);
  expect(found.map((each) => each?.id)).toEqual([
    builtIn.find(({ name }) => name === 'test-card')?.id,
    'mine-1',
    undefined,
    undefined,
  ]);
});

test('an id is found in every source', async () => {
  const [first] = builtIn;
  expect(await workflows.findById(String(first?.id))).toBe(first);
  expect(await workflows.findById('mine-1')).toBe(older);
  expect(await workflows.findById('mine-3')).toBeUndefined();
});

test('of two sources with the same name the first one wins', async () => {
  const shadowed = new Workflows([everything, saved([workflow('test-card', 2)])]);
  expect(await shadowed.list('alice')).toEqual(builtIn);
  expect((await shadowed.find({ userId: 'alice', name: 'test-card' }))?.version).toBe(1);
});
