/** The backends and models in the API: their states and names, but no addresses. */
import { becomes, codeOf, create, dataOf, occupy, tryCreate } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { OFTEN } from './pool.js';

const checkpoints = ['b.safetensors', 'folder/a.safetensors', 'folder\\c.ckpt', 'twin.ckpt', 'twin.safetensors'];

let app: TestApp;
let alice: Client;
let admin: Client;
beforeAll(async () => {
  app = await startTestApp({
    simulator: { checkpoints, loras: ['line.safetensors'] },
    env: { DEFAULT_MODEL: 'folder/a' },
    timings: OFTEN,
  });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const BACKENDS = '{ backends { id name state reason version device running pending lastSeenAt } }';
const backendOf = async (client: Client) => {
  const { backends } = await dataOf(client.ask(BACKENDS));
  expect(backends).toHaveLength(1);
  return backends[0];
};
const modelsOf = async (kind: string) => {
  const { models } = await dataOf(
    alice.ask('query ($kind: ModelKind) { models(kind: $kind) { id name kind filename available } }', { kind }),
  );
  return models as { id: string; name: string; kind: string; filename: string; available: boolean }[];
};

test('a backend that responds is ONLINE, shows its version to admins only, and its address to no user', async () => {
  await until(async () => (await backendOf(alice)).state === 'ONLINE', 'the backend to be online');
  const seen = await backendOf(alice);
  expect(seen).toMatchObject({ name: 'comfyui-1', reason: null, version: null, device: null });
  expect(Date.parse(seen.lastSeenAt)).toBeLessThanOrEqual(Date.now());
  const shown = await backendOf(admin);
  expect(shown).toMatchObject({ state: 'ONLINE', reason: null, version: '0.3.64', device: 'cpu' });
  expect(JSON.stringify([seen, shown])).not.toContain(new URL(app.simulator.url).port);
  expect(await codeOf(clientOf(app.url).ask(BACKENDS))).toBe('UNAUTHENTICATED');
});

test('a backend shows its running and pending prompts', async () => {
  app.simulator.hold();
  const [first, second] = await occupy(app, alice);
  await until(async () => {
    const { running, pending } = await backendOf(alice);
    return running === 1 && pending === 1;
  }, 'one to run and one to wait');
  app.simulator.release();
  for (const { id } of [first, second]) await becomes(alice, id, 'COMPLETED');
  await until(async () => (await backendOf(alice)).running === 0, 'no prompt to run');
});

test('a model’s name is its path without extension, with forward slashes; if two would be equal, one keeps its extension', async () => {
  const models = await until(async () => {
    const models = await modelsOf('CHECKPOINT');
    return models.length > 0 && models;
  }, 'the catalogue');
  const names = Object.fromEntries(models.map(({ filename, name }) => [filename, name]));
  expect(names).toMatchObject({
    'b.safetensors': 'b',
    'folder/a.safetensors': 'folder/a',
    'folder\\c.ckpt': 'folder/c',
  });
  expect([names['twin.ckpt'], names['twin.safetensors']]).toContain('twin');
  expect(new Set(Object.values(names)).size).toBe(checkpoints.length);
  expect(models.map(({ name }) => name)).toEqual(models.map(({ name }) => name).toSorted());
  expect(models.every(({ available }) => available)).toBe(true);
  expect((await modelsOf('LORA')).map(({ name }) => name)).toEqual(['line']);
});

test('a name and a filename both find a model, DEFAULT_MODEL is the default, and the graph has the spelling of ComfyUI', async () => {
  for (const model of ['folder/c', 'folder\\c.ckpt'])
    expect((await becomes(alice, (await create(alice, { model })).id, 'COMPLETED')).model).toEqual({
      name: 'folder/c',
    });
  const { id } = await create(alice);
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({
    model: { name: 'folder/a' },
    parameters: { model: 'folder/a' },
  });
});

test('an unknown model is rejected with suggestions', async () => {
  const { errors } = await tryCreate(alice, { prompt: 'a hill', model: 'folder/b' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
  expect(errors?.[0]?.extensions.suggestions).toContain('folder/a');
});

test('a backend that went away is OFFLINE with a reason for admins, and its models are known but not available', async () => {
  await app.simulator.down();
  await until(async () => (await backendOf(alice)).state === 'OFFLINE', 'the backend to be offline');
  expect(await backendOf(alice)).toMatchObject({ reason: null });
  expect((await backendOf(admin)).reason).toMatch(/failed|interrupted|returned/);
  expect((await modelsOf('CHECKPOINT')).some(({ available }) => available)).toBe(false);
  const { id } = await create(alice, { model: 'b' });
  await app.simulator.up();
  await becomes(alice, id, 'COMPLETED');
  await until(async () => (await backendOf(alice)).state === 'ONLINE', 'the backend to be online again');
  expect((await modelsOf('CHECKPOINT')).every(({ available }) => available)).toBe(true);
});
