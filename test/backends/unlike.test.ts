/**
 * Backends that differ: each generation runs on a backend that accepts all of its graph.
 *
 * @slow: starts a pool of ComfyUIs for most tests.
 */
import type { InputSpec } from '../../src/comfyui/index.js';
import type { SimulatorOptions } from '../../src/simulator/index.js';
import { inputsOf, type SimulatedNode } from '../../src/simulator/nodes/node.js';
import { sampling } from '../../src/simulator/nodes/sampling/sampling.js';
import { becomes, create, dataOf, executedGraph, read, tryCreate } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { executedBy, OFTEN } from './pool.js';

let app: TestApp;
let alice: Client;
const startPool = async (...simulator: SimulatorOptions[]) => {
  app = await startTestApp({ simulator, timings: { ...OFTEN, catalogueIntervalMs: 3_600_000 } });
  alice = await signUp(app.url);
  await allOnline(alice);
};
afterEach(() => app.close());

/** A built-in class with other specifications of some inputs. An undefined specification removes the input. */
function withInputs(className: string, specs: Record<string, InputSpec | undefined>): SimulatorOptions {
  const node = sampling[className] as SimulatedNode;
  const input: SimulatedNode['input'] = (catalog) => {
    const { required, ...rest } = inputsOf(node, catalog);
    const inputs = Object.entries({ ...required, ...specs }).filter(([, spec]) => spec !== undefined);
    return { ...rest, required: Object.fromEntries(inputs) as Record<string, InputSpec> };
  };
  return { nodes: { [className]: { ...node, input } } };
}

const sampler = (...names: string[]) => withInputs('KSampler', { sampler_name: [['euler', ...names]] });

const eight = async (input: Record<string, unknown>) => {
  const made = await Promise.all(Array.from({ length: 8 }, () => create(alice, input)));
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  return await Promise.all(made.map(({ id }) => executedBy(app, id)));
};
const onlyOn = (executed: number[]) => Array(8).fill(executed);

test('a sampler that one backend lists runs on that backend', async () => {
  await startPool({}, sampler('res_2s'));
  expect(await eight({ sampler: 'res_2s' })).toEqual(onlyOn([0, 1]));
});

test('a number beyond the bounds of one backend runs on the other', async () => {
  await startPool(withInputs('EmptyLatentImage', { width: ['INT', { min: 16, max: 256 }] }), {});
  expect(await eight({ width: 512 })).toEqual(onlyOn([0, 1]));
});

test('a graph runs on no backend that does not declare one of its inputs or requires another', async () => {
  await startPool(withInputs('KSampler', { cfg: undefined }), withInputs('KSampler', { eta: ['FLOAT', {}] }), {});
  expect(await eight({})).toEqual(onlyOn([0, 0, 1]));
});

test('an input that a newer ComfyUI requires is filled with its default, also one of a choice that was filled', async () => {
  const method: InputSpec = [
    'COMFY_DYNAMICCOMBO_V3',
    { options: [{ key: 'exact', inputs: { required: { eta: ['FLOAT', { default: 0.5 }] } } }] },
  ];
  await startPool({
    version: '0.33.0',
    ...withInputs('KSampler', { method, mode: ['COMBO', { options: ['a', 'b'] }] }),
  });
  const { id } = await create(alice);
  await becomes(alice, id, 'COMPLETED');
  const { sampler } = await executedGraph(app, id);
  expect(sampler?.inputs).toMatchObject({ method: 'exact', 'method.eta': 0.5, mode: 'a', steps: 2 });
});

test('a request that no backend accepts completely is rejected with the missing names', async () => {
  await startPool({ checkpoints: ['a.safetensors'] }, { checkpoints: ['b.safetensors'], ...sampler('res_2s') });
  const { errors } = await tryCreate(alice, { prompt: 'a hill', model: 'a', sampler: 'res_2s' });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: expect.any(String) });
  expect(errors?.[0]?.message).toMatch(
    /No backend can run this: (missing a\.safetensors$|Node sampler \(KSampler\), input sampler_name: must be one of)/,
  );
});

test('a file that Windows lists with backslashes and Linux with slashes is one model, and runs on both', async () => {
  await startPool({ checkpoints: ['xl\\a.safetensors'] }, { checkpoints: ['xl/a.safetensors'] });
  const { models } = await dataOf(alice.ask('{ models(kind: CHECKPOINT) { name } }'));
  expect(models).toEqual([{ name: 'xl/a' }]);
  for (const simulator of app.simulators) simulator.hold();
  const made = [await create(alice, { model: 'xl/a' }), await create(alice, { model: 'xl\\a.safetensors' })];
  await Promise.all(app.simulators.map((simulator) => simulator.held()));
  for (const simulator of app.simulators) simulator.release();
  for (const { id } of made) await becomes(alice, id, 'COMPLETED');
  expect((await Promise.all(made.map(({ id }) => executedBy(app, id)))).flat().toSorted()).toEqual([0, 0, 1, 1]);
});

test('a model that was deleted from one backend since its catalogue was read runs on the other', async () => {
  const checkpoints = ['a.safetensors', 'b.safetensors'];
  await startPool({ checkpoints }, { checkpoints: [...checkpoints] });
  checkpoints.splice(0, 1);
  expect(await eight({ model: 'a' })).toEqual(onlyOn([0, 1]));
});

test('a node class that one backend has lost since its catalogue was read runs on the other', async () => {
  await startPool({ version: '0.8.0' }, {});
  refuse({ type: 'missing_node_type', message: 'x', details: '', extra_info: { class_type: 'KSampler' } });
  expect(await eight({})).toEqual(onlyOn([0, 1]));
});

test('a node class that a backend of an older version has lost runs on the other', async () => {
  await startPool({}, {});
  const message = 'Cannot execute because node KSampler does not exist.';
  refuse({ type: 'invalid_prompt', message, details: "Node ID '#sampler'", extra_info: {} });
  expect(await eight({})).toEqual(onlyOn([0, 1]));
});

test.each([
  ['value_not_in_list', 'sampler_name'],
  ['value_bigger_than_max', 'steps'],
  ['value_smaller_than_min', 'cfg'],
])('a value that is rejected as %s, although the catalogue lists it, runs on the other', async (type, input_name) => {
  await startPool({}, {});
  const errors = [{ type, message: 'x', details: 'y', extra_info: { input_name } }];
  refuse(
    { type: 'prompt_outputs_failed_validation', message: 'x', details: '', extra_info: {} },
    { sampler: { class_type: 'KSampler', dependent_outputs: ['save'], errors } },
  );
  expect(await eight({})).toEqual(onlyOn([0, 1]));
});

test('a value that every backend rejects, although the catalogues list it, fails as INVALID_WORKFLOW', async () => {
  await startPool({}, {});
  const errors = [
    { type: 'value_not_in_list', message: 'x', details: 'y', extra_info: { input_name: 'sampler_name' } },
  ];
  for (const simulator of app.simulators)
    refuse(
      { type: 'prompt_outputs_failed_validation', message: 'x', details: '', extra_info: {} },
      { sampler: { class_type: 'KSampler', dependent_outputs: ['save'], errors } },
      simulator,
    );
  const { failure } = await becomes(alice, (await create(alice)).id, 'FAILED');
  expect(failure).toMatchObject({ code: 'INVALID_WORKFLOW', nodeId: 'sampler' });
});

test('every job with a value that the only backend rejects, although the catalogue lists it, fails', async () => {
  await startPool({});
  const errors = [{ type: 'value_bigger_than_max', message: 'x', details: 'y', extra_info: { input_name: 'steps' } }];
  refuse(
    { type: 'prompt_outputs_failed_validation', message: 'x', details: '', extra_info: {} },
    { sampler: { class_type: 'KSampler', dependent_outputs: ['save'], errors } },
  );
  const made = await Promise.all([create(alice), create(alice), create(alice)]);
  for (const { id } of made)
    expect((await becomes(alice, id, 'FAILED')).failure).toMatchObject({ code: 'INVALID_WORKFLOW' });
});

test('a job waits for a model that was deleted from all backends, and runs when the model is back', async () => {
  const checkpoints = ['a.safetensors', 'b.safetensors'];
  await startPool({ checkpoints });
  checkpoints.shift();
  const { id } = await create(alice, { model: 'a' });
  await until(
    async () => app.simulator.journal.requests('POST /prompt') > 0 && (await queuePosition(id)) === 0,
    'the prompt to be rejected and the job to wait',
  );
  await becomes(alice, (await create(alice, { model: 'b' })).id, 'COMPLETED');
  expect(await read(alice, id)).toMatchObject({ status: 'PENDING', attempt: 0 });
  checkpoints.unshift('a.safetensors');
  app.simulator.dropSockets();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
});

test('the whole catalogue is read once, and later only the classes that list a changed folder', async () => {
  const checkpoints = ['a.safetensors'];
  app = await startTestApp({ simulator: { checkpoints }, timings: { ...OFTEN, catalogueIntervalMs: 50 } });
  alice = await signUp(app.url);
  await allOnline(alice);
  const { journal } = app.simulator;
  await until(() => journal.requests('GET /models') > 2, 'the folders to be read');
  expect([journal.requests('GET /object_info'), journal.requests('GET /object_info/*')]).toEqual([1, 0]);
  checkpoints.push('b.safetensors');
  await until(async () => (await tryCreate(alice, { prompt: 'a hill', model: 'b' })).errors === undefined, 'b');
  expect(journal.requests('GET /object_info')).toBe(1);
});

const queuePosition = async (id: string) => (await read(alice, id)).queuePosition;

/** Makes a ComfyUI, by default the first, reject every prompt with this error. */
function refuse(error: object, node_errors: object = {}, simulator = app.simulator): void {
  const body = JSON.stringify({ error, node_errors });
  simulator.at('prompt:before', { do: 'answer', status: 400, body }, { times: Number.POSITIVE_INFINITY });
}
