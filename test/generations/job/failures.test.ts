/** A failure in ComfyUI becomes data of the generation: a code and a message, without internals of the server. */
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Action } from '../../../src/simulator/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  create,
  dataOf,
  expectTrueEnd,
  filesSettle,
  finishes,
  journalOf,
  promptsOf,
  QUICK,
  queueOf,
  read,
  type Snapshot,
  settles,
} from '../support.js';

/** The simulator reads it for every catalogue and every prompt. */
let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    timings: { ...QUICK, comfyui: { ...QUICK.comfyui, unwantedPromptTimeoutMs: 300 } },
  });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

async function failureOf(input = {}): Promise<NonNullable<Snapshot['failure']>> {
  const end = await becomes(alice, (await create(alice, input)).id, 'FAILED');
  await expectTrueEnd(app, end);
  expect(end.errorMessage).toBe(end.failure?.message);
  expect((await journalOf(app, end.id)).executed).toBeLessThanOrEqual(1);
  return end.failure as NonNullable<Snapshot['failure']>;
}

test('a node that raises is an EXECUTION_ERROR with the node, without paths and traceback', async () => {
  const message = [
    "Cannot read '/opt/ComfyUI/models/checkpoints/secret.safetensors' (errno 2) near C:\\Users\\op\\ComfyUI\\main.py",
    'Traceback (most recent call last):',
    '  File "/opt/ComfyUI/execution.py", line 496, in execute',
    'ValueError: boom',
  ].join('\n');
  app.simulator.at('node', { do: 'fail', type: 'ValueError', message }, { where: { classType: 'KSampler' } });
  const failure = await failureOf();
  expect(failure).toMatchObject({ code: 'EXECUTION_ERROR', nodeId: 'sampler', nodeType: 'KSampler', retryable: false });
  expect(failure.message).toContain('Cannot read');
  expect(failure.message).not.toMatch(/opt|ComfyUI|Users|secret|main\.py|Traceback|execution\.py/);
});

test('a graph that ComfyUI rejects for its own fault is an INVALID_WORKFLOW with the node', async () => {
  const fault = { type: 'custom_validation_failed', message: 'Custom validation failed', details: 'x', extra_info: {} };
  const error = { type: 'prompt_outputs_failed_validation', message: 'x', details: '', extra_info: {} };
  const node = { errors: [fault], dependent_outputs: ['save'], class_type: 'CheckpointLoaderSimple' };
  const body = JSON.stringify({ error, node_errors: { checkpoint: node } });
  app.simulator.at('prompt:before', { do: 'answer', status: 400, body });
  expect(await failureOf({})).toMatchObject({
    code: 'INVALID_WORKFLOW',
    nodeId: 'checkpoint',
    nodeType: 'CheckpointLoaderSimple',
    retryable: false,
  });
});

/** ComfyUI runs the valid part of a graph, and names the invalid part in a response with status 200. */
function acceptPartly(): { of: (id: string) => void } {
  const known = Promise.withResolvers<string>();
  app.simulator.at('prompt:before', {
    do: 'call',
    run: async () => {
      const [promptId] = await promptsOf(app, await known.promise);
      const fault = { type: 'value_not_in_list', message: 'Value not in list', details: 'x', extra_info: {} };
      const node_errors = { '9': { errors: [fault], dependent_outputs: ['9'], class_type: 'SaveImage' } };
      const body = JSON.stringify({ prompt_id: promptId, number: 1, node_errors });
      app.simulator.at('prompt:after', { do: 'answer', body });
    },
  });
  return { of: known.resolve };
}

test('a graph that ComfyUI rejects in part is an INVALID_WORKFLOW, and the rest is removed', async () => {
  const partly = acceptPartly();
  app.simulator.hold();
  const { id } = await create(alice);
  partly.of(id);
  await until(() => app.simulator.journal.requests('POST /interrupt') > 0, 'the interrupt');
  app.simulator.release();
  const end = await becomes(alice, id, 'FAILED');
  expect(end).toMatchObject({ attempt: 1, failure: { code: 'INVALID_WORKFLOW', nodeId: '9', nodeType: 'SaveImage' } });
  await settles(app, id);
  expect(await journalOf(app, id)).toMatchObject({ received: 1, succeeded: 0 });
});

test('if the rest of a rejected graph cannot be removed at once, the generation fails at once and the rest is removed later', async () => {
  const partly = acceptPartly();
  app.simulator.hold();
  for (const route of ['POST /queue', 'POST /interrupt'])
    app.simulator.at('request', 'reset', { times: Number.POSITIVE_INFINITY, where: { route } });
  const { id } = await create(alice);
  partly.of(id);
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'INVALID_WORKFLOW' });
  expect((await queueOf(app.simulator)).running).toHaveLength(1);
  app.simulator.heal();
  await settles(app, id);
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  expect(await read(alice, id)).toEqual(end);
});

test('a workflow that saves nothing is NO_OUTPUT', async () => {
  app.simulator.at('output', 'omit', { times: Number.POSITIVE_INFINITY });
  expect(await failureOf()).toMatchObject({ code: 'NO_OUTPUT' });
});

const noise = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: '#123456',
      noise: { type: 'gaussian', mean: 99, sigma: 9 },
    },
  });

test.each<[string, () => Promise<Buffer | string> | string]>([
  ['nothing', () => ''],
  ['a truncated PNG', async () => (await noise(64).png().toBuffer()).subarray(0, 2_000)],
  ['a truncated JPEG', async () => (await noise(64).jpeg().toBuffer()).subarray(0, 400)],
  ['the head of a PNG', async () => (await noise(64).png().toBuffer()).subarray(0, 33)],
])('an output that is %s is RESULT_UNAVAILABLE, and is not stored', async (_, bytes) => {
  app.simulator.at('output', { do: 'write', body: await bytes() });
  const { id } = await create(alice);
  const end = await becomes(alice, id, 'FAILED');
  expect(end.failure).toMatchObject({ code: 'RESULT_UNAVAILABLE', retryable: true });
  await expectTrueEnd(app, end);
  await filesSettle(app);
});

test('a batch with one invalid image keeps the others, and names the problem', async () => {
  const truncated = (await noise(64).png().toBuffer()).subarray(0, 2_000);
  app.simulator.at('output', { do: 'write', body: truncated }, { skip: 1 });
  const { id } = await create(alice, { batchSize: 3 });
  expect((await becomes(alice, id, 'COMPLETED')).result?.images).toHaveLength(2);
  const { problems } = (await dataOf(alice.ask(`{ generation(id: "${id}") { result { problems } } }`))).generation
    .result;
  expect(problems).toEqual([expect.stringMatching(/^The backend saved an invalid image: .*_00002_\.png$/)]);
  await filesSettle(app);
});

test.each<[string, Extract<Action, { do: 'name' }>]>([
  ['climbs out of its folder', { do: 'name', filename: '../../../../../../etc/passwd' }],
  ['is absolute', { do: 'name', filename: '/etc/passwd' }],
  ['is on another drive', { do: 'name', filename: 'C:\\Windows\\win.ini' }],
  ['lies in a folder that climbs', { do: 'name', filename: 'passwd', subfolder: '../../../../../../etc' }],
  ['is 4 kB long', { do: 'name', filename: `${'a'.repeat(4_096)}.png` }],
  ['holds a NUL', { do: 'name', filename: 'a\0.png' }],
])('an output name that %s is requested from ComfyUI only', async (_, name) => {
  const before = await readdir(String(app.env.DATA_DIR));
  app.simulator.at('output', name);
  expect(await failureOf()).toMatchObject({ code: 'RESULT_UNAVAILABLE' });
  expect(await readdir(String(app.env.DATA_DIR))).toEqual(before);
  app.simulator.heal();
  expect((await finishes(alice, (await create(alice)).id)).status).toBe('COMPLETED');
});

test('a file without a name is no output', async () => {
  app.simulator.at('output', { do: 'name', filename: '' });
  expect(await failureOf()).toMatchObject({ code: 'NO_OUTPUT', retryable: false });
});

test('while files cannot be stored, generations are RESULT_UNAVAILABLE, and later ones are COMPLETED', async () => {
  const temporary = join(String(app.env.DATA_DIR), 'pictures', '.temporary');
  await rename(temporary, `${temporary}.away`);
  try {
    expect(await failureOf()).toMatchObject({ code: 'RESULT_UNAVAILABLE', retryable: true });
  } finally {
    await rename(`${temporary}.away`, temporary);
  }
  expect((await finishes(alice, (await create(alice)).id)).status).toBe('COMPLETED');
});
