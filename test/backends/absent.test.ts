/**
 * ComfyUI may be absent: generations are accepted, wait, and run when it comes.
 *
 * @slow: starts a server for each test.
 */
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { becomes, cancel, create, dataOf, expectTrueEnd, read, tryCreate } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { OFTEN } from './pool.js';

let port: number;
let app: TestApp;
let alice: Client;
/** The backend, which starts late. */
let comfyui: Simulator | undefined;

beforeEach(async () => {
  port = await freePort();
  app = await startTestApp({ env: { COMFYUI_URL: `http://127.0.0.1:${port}` }, timings: OFTEN });
  alice = await signUp(app.url);
});
afterEach(async () => {
  await app.close();
  await comfyui?.close();
  comfyui = undefined;
});

const comes = async (checkpoints?: string[]) => {
  comfyui = await startSimulator({ port, stepMs: 5, ...(checkpoints ? { checkpoints } : {}) });
};

const stateOf = async () => (await dataOf(alice.ask('{ backends { state } }'))).backends[0].state;

test('generations wait as PENDING for a ComfyUI that was never there, and complete when it comes', async () => {
  const made = [await create(alice), await create(alice), await create(alice)];
  for (const [place, { id }] of made.entries())
    expect(await read(alice, id)).toMatchObject({ status: 'PENDING', queuePosition: place, attempt: 0, model: null });
  await comes();
  for (const { id } of made) {
    const end = await becomes(alice, id, 'COMPLETED');
    expect(end.model).toEqual({ name: 'dreamshaper-8' });
    expect(end.parameters).toMatchObject({ model: 'dreamshaper-8' });
  }
  expect(Object.keys(comfyui?.journal.snapshot().prompts ?? {})).toHaveLength(made.length);
});

test('a model is validated only after the catalogue is known, by its name or its filename', async () => {
  const unknown = await create(alice, { model: 'dreams' });
  const named = await create(alice, { model: 'sdxl-base-1.0' });
  const filed = await create(alice, { model: 'sdxl-base-1.0.safetensors' });
  expect(named).toMatchObject({ model: null, parameters: { model: 'sdxl-base-1.0' } });
  await comes();
  const failed = await becomes(alice, unknown.id, 'FAILED');
  expect(failed.failure).toMatchObject({ code: 'INVALID_WORKFLOW', retryable: false });
  expect(failed.failure?.message).toContain('dreams');
  await expectTrueEnd(app, failed);
  for (const { id } of [named, filed]) {
    const end = await becomes(alice, id, 'COMPLETED');
    expect(end).toMatchObject({ model: { name: 'sdxl-base-1.0' }, parameters: { model: 'sdxl-base-1.0' } });
  }
  // From now on the catalogue is known.
  const { errors } = await tryCreate(alice, { prompt: 'a hill', model: 'dreams' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
});

test('without any checkpoint a generation fails as INVALID_WORKFLOW when ComfyUI comes', async () => {
  const { id } = await create(alice);
  await comes([]);
  expect((await becomes(alice, id, 'FAILED')).failure).toMatchObject({ code: 'INVALID_WORKFLOW' });
});

test('a generation that waits for an absent ComfyUI can be canceled, and is CANCELED at once', async () => {
  const { id } = await create(alice);
  const canceled = await cancel(alice, id);
  expect(canceled).toMatchObject({ status: 'CANCELED', attempt: 0 });
  await comes();
  await until(async () => (await stateOf()) === 'ONLINE', 'the backend to be online');
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
  expect(await read(alice, id)).toEqual(canceled);
});

test('generations wait while ComfyUI is gone, and run when it is back with other models', async () => {
  await comes();
  await becomes(alice, (await create(alice, { model: 'dreamshaper-8' })).id, 'COMPLETED');
  await comfyui?.close();
  await until(async () => (await stateOf()) === 'OFFLINE', 'the backend to be offline');
  const { id } = await create(alice, { model: 'dreamshaper-8' });
  expect(await read(alice, id)).toMatchObject({ status: 'PENDING', model: { name: 'dreamshaper-8' } });
  await comes(['dreamshaper-8.safetensors', 'newcomer.safetensors']);
  await becomes(alice, id, 'COMPLETED');
  await becomes(alice, (await create(alice, { model: 'newcomer' })).id, 'COMPLETED');
});
