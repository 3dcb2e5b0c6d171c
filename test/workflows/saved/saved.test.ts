/** Saved workflows: versions, names, who finds them, and generations with them. */
import { becomes, codeOf, create, dataOf, finishes, read, sql, tryCreate } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { CARD, find, listNames, save, tryFind, trySave } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
let admin: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' } });
  [alice, bob, admin] = [await signUp(app.url), await signUp(app.url), await signUp(app.url, ADMIN_EMAIL)];
});
afterAll(() => app?.close());

const INPUTS = [
  { name: 'width', nodeId: '1', input: 'width', also: [{ nodeId: '1', input: 'height' }], title: 'Side', max: 512 },
  { name: 'seed', nodeId: '2', input: 'seed' },
  { name: 'strength', nodeId: '2', input: 'strength', group: 'Noise', isAdvanced: true },
];

/** Without the inputs of text-to-image. */
const NONE = { prompt: null, width: null, height: null, steps: null };
const SIGN_IN =
  'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse battery" }) { accessToken } }';

async function signUpAdmin(): Promise<Client & { id: string }> {
  const user = await signUp(app.url);
  await sql(app, `update users set role = 'ADMIN' where id = $1`, [user.id]);
  const { data } = await user.ask(SIGN_IN, { email: user.email });
  return { ...clientOf(app.url, data.signIn.accessToken), id: user.id };
}

const share = (client: Client, name: string, isShared = true) =>
  client.ask(
    'mutation ($name: String!, $isShared: Boolean!) { shareWorkflow(name: $name, isShared: $isShared) { version isShared } }',
    { name, isShared },
  );
const remove = (client: Client, name: string) =>
  client.ask('mutation ($name: String!) { deleteWorkflow(name: $name) }', { name });
const workflowOf = async (client: Client, id: string) =>
  (await dataOf(client.ask(`{ generation(id: "${id}") { workflow { id name version isListed } } }`))).generation
    .workflow;

/** The input of each node, as ComfyUI got it in the last prompt of the generation. */
async function graphOf(id: string): Promise<Record<string, { inputs: Record<string, unknown> }>> {
  const [row] = await sql<{ graph: string }>(
    app,
    'select graph from prompts where generation_id = $1 order by attempt desc',
    [id],
  );
  return JSON.parse(String(row?.graph));
}

test('what an author leaves out comes from the graph and the catalogue', async () => {
  const workflow = await save(alice, { title: 'A card', inputs: INPUTS });
  expect(workflow).toMatchObject({
    name: 'card',
    title: 'A card',
    version: 1,
    isShared: false,
    isListed: true,
    owner: { id: alice.id },
    missing: [],
    outputs: [{ name: 'saveimage', title: 'SaveImage', kind: 'IMAGE', nodeId: '3' }],
  });
  expect(workflow.inputs).toMatchObject([
    { name: 'width', title: 'Side', type: 'INT', required: false, default: 64, max: 512 },
    { name: 'seed', title: 'seed', type: 'SEED', required: false, default: null },
    { name: 'strength', type: 'FLOAT', default: 0.1, group: 'Noise', isAdvanced: true },
  ]);
});

test('a generation by name writes each value to all of its places, and the prefix is the server’s', async () => {
  await save(alice, { name: 'by-name', inputs: INPUTS });
  const { id } = await create(alice, {
    ...NONE,
    workflow: 'by-name',
    width: 96,
    seed: '7',
    parameters: { strength: 0.5 },
  });
  const { result } = await becomes(alice, id, 'COMPLETED');
  expect(result?.images).toMatchObject([{ width: 96, height: 96 }]);
  const graph = await graphOf(id);
  expect(graph['2']?.inputs).toMatchObject({ seed: 7, strength: 0.5 });
  expect(graph['3']?.inputs.filename_prefix).toBe(`comfygraph/${id}/1`);
  expect((await read(alice, id)).parameters).toEqual({ width: 96, seed: '7', strength: 0.5 });
});

test('saving a name again makes its next version, and leaves the earlier one as it was', async () => {
  const first = await save(alice, { name: 'versions', inputs: INPUTS });
  const second = await save(alice, { name: 'versions' });
  expect([first.version, second.version]).toEqual([1, 2]);
  expect(await find(alice, { name: 'versions' })).toEqual(second);
  expect(await find(alice, { name: 'versions', version: 1 })).toEqual(first);
  expect(await find(alice, { id: first.id })).toEqual(first);
});

test('the bindings of a workflow save it again as it was', async () => {
  const inputs = [
    ...INPUTS,
    { name: 'text', nodeId: '4', input: 'text' },
    { name: 'model', nodeId: '5', input: 'ckpt_name' },
    { name: 'sampler', nodeId: '6', input: 'sampler_name' },
    { name: 'scheduler', nodeId: '6', input: 'scheduler', choices: ['normal', 'karras'] },
    { name: 'loras', nodeId: '6', input: 'model', also: [{ nodeId: '4', input: 'clip' }], type: 'LORAS', max: 3 },
  ];
  const graph = {
    ...CARD,
    '4': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['5', 1] } },
    '5': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dreamshaper_8.safetensors' } },
    '6': {
      class_type: 'KSampler',
      inputs: {
        ...{ model: ['5', 0], positive: ['4', 0], negative: ['4', 0], latent_image: ['7', 0] },
        ...{ seed: 1, steps: 20, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 },
      },
    },
    '7': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  };
  const first = await save(alice, { name: 'again', title: 'Again', graph, inputs });
  expect(first.bindings).toMatchObject([
    { name: 'width', nodeId: '1', input: 'width', also: [{ nodeId: '1', input: 'height' }], title: 'Side', max: 512 },
    { name: 'seed', title: null, type: 'SEED', default: null },
    { name: 'strength' },
    { name: 'text' },
    { name: 'model' },
    { name: 'sampler', type: 'CHOICE', choices: null },
    { name: 'scheduler', type: 'CHOICE', choices: ['normal', 'karras'] },
    { name: 'loras', nodeId: '6', input: 'model', also: [{ nodeId: '4', input: 'clip' }], max: 3 },
  ]);
  const second = await save(alice, { name: 'again', title: 'Again', graph: first.graph, inputs: first.bindings });
  expect({ ...second, id: first.id, version: 1, createdAt: first.createdAt }).toEqual(first);
});

test('concurrent saves of one name make distinct versions', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => save(alice, { name: 'at-once' })));
  expect(all.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a generation and its retry keep the version, also after the name is deleted', async () => {
  const first = await save(alice, { name: 'kept', inputs: INPUTS });
  const { id } = await create(alice, { ...NONE, workflow: 'kept' });
  await becomes(alice, id, 'COMPLETED');
  await save(alice, { name: 'kept' });
  expect((await dataOf(remove(alice, 'kept'))).deleteWorkflow).toBe('kept');
  expect(await codeOf(remove(alice, 'kept'))).toBe('NOT_FOUND');
  expect(await workflowOf(alice, id)).toMatchObject({ id: first.id, version: 1 });
  const retried = (await dataOf(alice.ask(`mutation { retryGeneration(id: "${id}", seed: 9) { id seed } }`)))
    .retryGeneration;
  expect(retried.seed).toBe('9');
  await becomes(alice, retried.id, 'COMPLETED');
  expect(await workflowOf(alice, retried.id)).toMatchObject({ id: first.id, version: 1 });
  expect(await listNames(alice)).not.toContain('kept');
  expect(await codeOf(tryFind(alice, { name: 'kept' }))).toBe('NOT_FOUND');
  expect(await codeOf(tryCreate(alice, { workflow: 'kept' }))).toBe('BAD_USER_INPUT');
  // The next version does not reuse a number.
  expect((await save(alice, { name: 'kept' })).version).toBe(3);
});

test('another user’s workflow is NOT_FOUND by name, FORBIDDEN by id, and in no list', async () => {
  const { id } = await save(alice, { name: 'private' });
  expect(await codeOf(tryFind(bob, { name: 'private' }))).toBe('NOT_FOUND');
  expect(await codeOf(tryFind(bob, { id }))).toBe('FORBIDDEN');
  expect(await codeOf(tryFind(admin, { id }))).toBe('FORBIDDEN');
  expect(await codeOf(bob.ask(`{ node(id: "${id}") { id } }`))).toBe('FORBIDDEN');
  expect(await codeOf(tryCreate(bob, { workflow: 'private' }))).toBe('BAD_USER_INPUT');
  expect(await listNames(bob)).not.toContain('private');
  expect(await codeOf(remove(bob, 'private'))).toBe('NOT_FOUND');
});

test('everyone finds what an admin shares, without its graph and owner, until it is no longer shared', async () => {
  const { id } = await save(admin, { name: 'for-all', inputs: INPUTS });
  expect(await codeOf(tryFind(bob, { name: 'for-all' }))).toBe('NOT_FOUND');
  expect((await dataOf(share(admin, 'for-all'))).shareWorkflow).toEqual({ version: 1, isShared: true });
  expect(await find(bob, { name: 'for-all' })).toMatchObject({
    id,
    isShared: true,
    graph: null,
    bindings: null,
    owner: null,
  });
  expect(await listNames(bob)).toContain('for-all');
  const generation = await create(bob, { ...NONE, workflow: 'for-all' });
  await becomes(bob, generation.id, 'COMPLETED');
  await share(admin, 'for-all', false);
  expect(await codeOf(tryFind(bob, { name: 'for-all' }))).toBe('NOT_FOUND');
  expect(await workflowOf(bob, generation.id)).toMatchObject({ id, name: 'for-all' });
  expect(await codeOf(bob.ask(`mutation { retryGeneration(id: "${generation.id}") { id } }`))).toBe('FORBIDDEN');
});

test('a name is searched among the own workflows first, then among the shared, then among the built-in ones', async () => {
  const shared = await save(admin, { name: 'test-card', title: 'Shared', isShared: true });
  expect((await find(bob, { name: 'test-card' })).id).toBe(shared.id);
  const own = await save(bob, { name: 'test-card', title: 'Own' });
  expect((await find(bob, { name: 'test-card' })).id).toBe(own.id);
  expect((await find(alice, { name: 'test-card' })).id).toBe(shared.id);
  expect((await listNames(bob)).filter((name) => name === 'test-card')).toHaveLength(1);
  await remove(bob, 'test-card');
  await remove(admin, 'test-card');
  expect(await find(bob, { name: 'test-card' })).toMatchObject({
    title: 'Test card',
    owner: null,
    graph: null,
    createdAt: null,
  });
});

test('a generation with a built-in workflow keeps it when its owner saves the same name', async () => {
  const { id } = await create(alice);
  const builtIn = await workflowOf(alice, id);
  await save(alice, { name: 'text-to-image' });
  expect(await workflowOf(alice, id)).toEqual(builtIn);
  await remove(alice, 'text-to-image');
  expect((await finishes(alice, id)).status).toBe('COMPLETED');
});

test('only an admin shares', async () => {
  await save(alice, { name: 'mine' });
  expect(await codeOf(share(alice, 'mine'))).toBe('FORBIDDEN');
  expect(await codeOf(trySave(alice, { name: 'mine', isShared: true }))).toBe('FORBIDDEN');
  expect(await codeOf(share(admin, 'mine'))).toBe('NOT_FOUND');
});

const mayWrite = async ({ ask }: Client) => (await ask('{ mayWriteWorkflows }')).data?.mayWriteWorkflows;

test('by default only admins save, and each user is given to know it', async () => {
  const other = await app.startAnother({ WORKFLOW_AUTHORS: '' });
  try {
    const carol = await signUp(other.url);
    expect(await mayWrite(carol)).toBe(false);
    expect(await mayWrite(clientOf(other.url, admin.token))).toBe(true);
    expect(await mayWrite(alice)).toBe(true);
    expect(await codeOf(trySave(carol, { graph: CARD }))).toBe('FORBIDDEN');
    expect(
      await codeOf(
        carol.ask('mutation ($graph: JSON) { createGeneration(input: { graph: $graph }) { id } }', { graph: CARD }),
      ),
    ).toBe('FORBIDDEN');
  } finally {
    await other.close();
  }
});

test('a query names a workflow by its name or its id', async () => {
  for (const variables of [{}, { name: 'card', id: alice.id }, { id: alice.id, version: 1 }])
    expect(await codeOf(tryFind(alice, variables))).toBe('BAD_USER_INPUT');
  for (const name of ['', 'A', '\0', "' or true", 'x'.repeat(1_000)])
    expect(await codeOf(tryFind(alice, { name }))).toBe('NOT_FOUND');
});

test('missing names the classes and model files that no ComfyUI has, with their folder and near names', async () => {
  const graph = {
    ...CARD,
    '8': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'stable-diffusion-1.4.safetensors' } },
    '9': { class_type: 'KSamplr', inputs: { model: ['8', 0] } },
  };
  const inputs = [{ name: 'model', nodeId: '8', input: 'ckpt_name' }];
  const { missing } = await save(admin, { name: 'incomplete', graph, inputs });
  expect(missing).toEqual([
    {
      kind: 'MODEL',
      name: 'stable-diffusion-1.4.safetensors',
      folder: 'checkpoints',
      suggestions: expect.arrayContaining(['stable-diffusion-1.5.safetensors']),
      url: null,
    },
    { kind: 'NODE', name: 'KSamplr', folder: null, suggestions: expect.arrayContaining(['KSampler']), url: null },
  ]);
  // The default of an input is missing, and not unknown.
  const { errors } = await tryCreate(admin, { ...NONE, workflow: 'incomplete' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model', missing });
});

test('what an admin shared stays usable while their account is disabled', async () => {
  const client = await signUpAdmin();
  const { id } = await save(client, { name: 'of-disabled', isShared: true });
  await dataOf(admin.ask('mutation ($id: ID!) { disableUser(id: $id) { id } }', { id: client.id }));
  expect(await find(bob, { name: 'of-disabled' })).toMatchObject({ id, isShared: true, owner: null });
  expect(await listNames(bob)).toContain('of-disabled');
  const generation = await create(bob, { ...NONE, workflow: 'of-disabled' });
  await becomes(bob, generation.id, 'COMPLETED');
});

test('an account that is deleted takes its workflows along, except versions that generations of others name', async () => {
  const client = await signUpAdmin();
  const { id } = await save(client, { name: 'carols', isShared: true });
  const generation = await create(bob, { ...NONE, workflow: 'carols' });
  await becomes(bob, generation.id, 'COMPLETED');
  await dataOf(client.ask('mutation { deleteAccount(password: "correct horse battery") }'));
  expect(await codeOf(tryFind(bob, { name: 'carols' }))).toBe('NOT_FOUND');
  expect(await codeOf(tryCreate(bob, { ...NONE, workflow: 'carols' }))).toBe('BAD_USER_INPUT');
  expect(await listNames(bob)).not.toContain('carols');
  expect(await workflowOf(bob, generation.id)).toMatchObject({ id, name: 'carols' });
  const { retryGeneration } = await dataOf(bob.ask(`mutation { retryGeneration(id: "${generation.id}") { id } }`));
  await becomes(bob, retryGeneration.id, 'COMPLETED');
});
