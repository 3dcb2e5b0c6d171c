/** A model is rejected as unknown only after every backend has reported its catalogue since the server started. */
import { type Simulator, startSimulator } from '../../../src/simulator/index.js';
import { becomes, create, read, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { backendsOf, OFTEN } from '../pool.js';

let simulators: Simulator[];
let app: TestApp;
let alice: Client;
let releaseCatalogue: () => void;
beforeEach(async () => {
  simulators = await Promise.all(
    ['common', 'rare'].map((name) => startSimulator({ checkpoints: [`${name}.safetensors`], stepMs: 5 })),
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  releaseCatalogue = resolve;
  simulators[1]?.at(
    'request',
    { do: 'call', run: () => promise },
    { times: Number.POSITIVE_INFINITY, where: { route: 'GET /object_info' } },
  );
  const COMFYUI_URL = simulators.map(({ url }) => url).join();
  app = await startTestApp({ env: { COMFYUI_URL }, timings: OFTEN });
  alice = await signUp(app.url);
  await until(async () => {
    const [ready, reading] = await backendsOf(alice);
    return ready?.state === 'ONLINE' && reading?.lastSeenAt;
  }, 'one backend to be online, and the other to have responded');
});
afterEach(async () => {
  releaseCatalogue();
  await app.close();
  await Promise.all(simulators.map((simulator) => simulator.close()));
});

test('a model of a backend whose catalogue is still being read is accepted, and waits for that backend', async () => {
  const { id } = await create(alice, { model: 'rare' });
  await becomes(alice, (await create(alice, { model: 'common' })).id, 'COMPLETED');
  expect(await read(alice, id)).toMatchObject({ status: 'PENDING', attempt: 0, model: null });
  releaseCatalogue();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ model: { name: 'rare' }, attempt: 1 });
});

test('a model that no backend has fails once all catalogues are read, and is rejected from then on', async () => {
  const { id } = await create(alice, { model: 'mistyped' });
  await becomes(alice, (await create(alice, { model: 'common' })).id, 'COMPLETED');
  expect(await read(alice, id)).toMatchObject({ status: 'PENDING', attempt: 0 });
  releaseCatalogue();
  const { failure } = await becomes(alice, id, 'FAILED');
  expect(failure).toMatchObject({ code: 'INVALID_WORKFLOW', retryable: false });
  const { errors } = await tryCreate(alice, { prompt: 'a hill', model: 'mistyped' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
});
