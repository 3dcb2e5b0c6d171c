/**
 * Several backends: each generation runs on the best backend that can run it.
 *
 * @slow: starts a pool of ComfyUIs.
 */
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { becomes, create, promptsOf, queueOf, read, tryCreate } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { allIdle, backendsOf, executedBy, homeOf, isSeen, OFTEN } from './pool.js';

let app: TestApp;
let alice: Client;
let newcomer: Simulator | undefined;
const startPool = async (simulator: SimulatorOptions[]) => {
  app = await startTestApp({ simulator, timings: OFTEN });
  alice = await signUp(app.url);
  await allOnline(alice);
};
const having = (...names: string[]) => ({ checkpoints: names.map((name) => `${name}.safetensors`) });
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
  await newcomer?.close();
  newcomer = undefined;
});

test('backends are listed by name, in the order of the configuration', async () => {
  const spare = await startSimulator();
  newcomer = spare;
  app = await startTestApp({
    env: { COMFYUI_URL: `zoe=${spare.url},http://127.0.0.1:9,adam=http://127.0.0.1:10` },
    timings: OFTEN,
  });
  alice = await signUp(app.url);
  await until(async () => (await backendsOf(alice))[0]?.state === 'ONLINE', 'the first to be online');
  expect((await backendsOf(alice)).map(({ name, state }) => [name, state])).toEqual([
    ['zoe', 'ONLINE'],
    ['comfyui-2', 'OFFLINE'],
    ['adam', 'OFFLINE'],
  ]);
});

test('a generation runs only on a backend that has its model', async () => {
  await startPool([having('a', 'both'), having('b', 'both')]);
  const made = await Promise.all(
    ['a', 'b', 'b', 'a', 'b', 'b'].map(async (model) => ({ model, id: (await create(alice, { model })).id })),
  );
  for (const { id, model } of made) {
    await becomes(alice, id, 'COMPLETED');
    expect(await executedBy(app, id)).toEqual(model === 'a' ? [1, 0] : [0, 1]);
  }
});

test('two generations run at once on two idle backends', async () => {
  await startPool([{}, {}]);
  for (const simulator of app.simulators) simulator.hold();
  const made = [await create(alice), await create(alice)];
  await until(async () => {
    const queues = await Promise.all(app.simulators.map(queueOf));
    return queues.every(({ running }) => running.length === 1);
  }, 'each backend to run one');
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
});

test('of several idle backends, the one that ran the model last runs it again', async () => {
  await startPool([having('a', 'b'), having('a', 'b')]);
  for (const simulator of app.simulators) simulator.hold();
  const first: Record<string, number[]> = {};
  const made = [];
  for (const model of ['a', 'b']) {
    const { id } = await create(alice, { model });
    await homeOf(app, id);
    made.push({ model, id });
  }
  for (const simulator of app.simulators) simulator.release();
  for (const { model, id } of made) {
    await becomes(alice, id, 'COMPLETED');
    first[model] = await executedBy(app, id);
  }
  expect(first.a).not.toEqual(first.b);
  for (const model of ['b', 'a', 'a', 'b', 'b', 'a']) {
    await allIdle(alice);
    const { id } = await create(alice, { model });
    await becomes(alice, id, 'COMPLETED');
    expect(await executedBy(app, id)).toEqual(first[model]);
  }
});

test('a model that no backend has any more is rejected as missing, and one that none ever had as unknown', async () => {
  await startPool([having('a'), having('b')]);
  const [, second] = app.simulators as [Simulator, Simulator];
  await second.close();
  await isSeen(app, alice, second, 'OFFLINE');
  newcomer = await startSimulator({ port: Number(new URL(second.url).port), ...having('c') });
  await until(async () => (await tryCreate(alice, { prompt: 'a hill', model: 'c' })).errors === undefined, 'c');
  const vanished = await tryCreate(alice, { prompt: 'a hill', model: 'b' });
  expect(vanished.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'model',
    missing: [{ kind: 'MODEL', name: 'b.safetensors', folder: 'checkpoints', url: null }],
  });
  const unknown = await tryCreate(alice, { prompt: 'a hill', model: 'd' });
  expect(unknown.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
});

test('a model that only an absent backend has is accepted, waits for it, and runs when it is back', async () => {
  await startPool([having('a'), having('b')]);
  const [, second] = app.simulators as [Simulator, Simulator];
  await second.down();
  await isSeen(app, alice, second, 'OFFLINE');
  const waits = await create(alice, { model: 'b' });
  // A later job that can run overtakes it.
  await becomes(alice, (await create(alice, { model: 'a' })).id, 'COMPLETED');
  expect(await read(alice, waits.id)).toMatchObject({ status: 'PENDING', attempt: 0 });
  expect(await promptsOf(app, waits.id)).toEqual([]);
  await second.up();
  expect(await becomes(alice, waits.id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  expect(await executedBy(app, waits.id)).toEqual([0, 1]);
});
