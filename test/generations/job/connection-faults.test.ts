/**
 * ComfyUI’s socket and its responses fail in every way: each generation is executed once and ends COMPLETED.
 *
 * @slow: waits for timeouts of connections.
 */
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../../src/simulator/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { create, expectTrueEnd, follow, journalOf, QUICK, queueOf, reaches, read, settles } from '../support.js';

/** At most 64 MiB of a response are read. */
const MORE_THAN_IS_READ = 80 * 1024 * 1024;
const ALWAYS = { times: Number.POSITIVE_INFINITY };

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    simulator: { stepMs: 2, previewSize: 64 },
    timings: { ...QUICK, progressIntervalMs: 50, comfyui: { ...QUICK.comfyui, statusTimeoutMs: 500 } },
  });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

/** Runs a generation to its end and expects COMPLETED, one execution, and progress that never falls. */
async function expectOne(app: TestApp, client: Client): Promise<number> {
  const { id } = await create(client, { steps: 20 });
  const watching = follow(app, client, id);
  const end = await until(
    () => watching.seen.find(({ completedAt }) => completedAt !== null),
    'the end of the generation',
  );
  await watching.ended;
  expect(end).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  await expectTrueEnd(app, end);
  const fractions = watching.seen.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  await settles(app, id);
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1, succeeded: 1 });
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  return fractions.length;
}

const foreign = (type: string, data: object) => JSON.stringify({ type, data: { prompt_id: randomUUID(), ...data } });

/** Invalid messages, and messages about other prompts. */
const NOISE: (string | Uint8Array)[] = [
  'not JSON',
  '{"type":',
  '[]',
  'null',
  '{}',
  '{"type":"progress"}',
  '{"type":"progress","data":null}',
  '{"type":"progress","data":{"value":"many","max":null}}',
  '{"type":"something_new","data":{"a":{"b":[1,2,3]}}}',
  '{"type":"progress","data":{"value":NaN,"max":20,"node":"sampler"}}',
  foreign('execution_success', {}),
  foreign('execution_error', { exception_message: 'not yours' }),
  foreign('executing', { node: null }),
  foreign('progress', { node: 'sampler', value: 20, max: 20 }),
  new Uint8Array(0),
  new Uint8Array([0, 0, 0]),
  new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2, 137, 80, 78, 71]),
  new Uint8Array([0, 0, 0, 4, 255, 255, 255, 255, 123]),
  new Uint8Array(1_000_000),
];

test.each<[string, (simulator: Simulator) => void]>([
  ['delivers no message', (simulator) => void simulator.mute()],
  ['repeats every message', (simulator) => void simulator.at('message', 'repeat', ALWAYS)],
  ['delivers messages in the wrong order', (simulator) => void simulator.at('message', 'swap', { ...ALWAYS, skip: 1 })],
  [
    'never reports the end',
    (simulator) => {
      simulator.at('message', 'omit', { ...ALWAYS, where: { type: ['execution_success', 'executing'] } });
    },
  ],
  [
    'reports no step',
    (simulator) => {
      simulator.at('message', 'omit', { ...ALWAYS, where: { type: ['progress', 'progress_state', 'binary'] } });
    },
  ],
  [
    'is dropped at every fifth step',
    (simulator) => {
      for (const step of [5, 10, 15]) simulator.at('step', 'drop-sockets', { where: { step } });
    },
  ],
  ['is dropped at the end', (simulator) => void simulator.at('success', 'drop-sockets')],
  [
    'cannot be opened again',
    (simulator) => {
      simulator.at('start', 'drop-sockets');
      simulator.at('connect', 'drop-sockets', { times: 20 });
    },
  ],
  [
    'is full of noise',
    (simulator) => {
      for (const frame of NOISE) simulator.at('message', { do: 'insert', frame }, { times: 5 });
    },
  ],
])('a socket that %s costs no more than progress', async (_, spoil) => {
  spoil(app.simulator);
  await expectOne(app, alice);
});

test('the replacement of a silent socket delivers progress', async () => {
  const unmute = app.simulator.mute();
  await expectOne(app, alice);
  unmute();
  await until(async () => (await expectOne(app, alice)) > 0, 'progress');
});

test.each<[string, (simulator: Simulator) => void]>([
  ['the response to POST /prompt is cut', (simulator) => void simulator.at('prompt:after', 'reset')],
  ['POST /prompt is cut before ComfyUI reads it', (simulator) => void simulator.at('prompt:before', 'reset')],
  [
    'POST /prompt returns 500 after ComfyUI has queued the prompt',
    (simulator) => {
      simulator.at('prompt:after', {
        do: 'answer',
        status: 500,
        type: 'text/plain',
        body: '500 Internal Server Error',
      });
    },
  ],
  [
    'a proxy returns an error for POST /prompt',
    (simulator) => {
      simulator.at('prompt:before', { do: 'answer', status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>' });
    },
  ],
  [
    'POST /prompt returns HTML after ComfyUI has queued the prompt',
    (simulator) => {
      simulator.at('prompt:after', { do: 'answer', type: 'text/html', body: '<h1>Welcome</h1>' });
    },
  ],
  [
    'POST /prompt returns truncated JSON, and ComfyUI does not read it',
    (simulator) => {
      simulator.at('prompt:before', { do: 'answer', body: '{"prompt_id": "' }, { times: 1 });
      simulator.at('prompt:before', { do: 'answer', body: '{"prompt_id": NaN, "number": NaN, "node_errors": {}}' });
    },
  ],
  [
    'a response of each kind has no end',
    (simulator) => {
      for (const point of ['prompt:after', 'queue', 'history'] as const)
        simulator.at(point, { do: 'flood', bytes: MORE_THAN_IS_READ });
    },
  ],
  [
    'the queue and the history are invalid for a while',
    (simulator) => {
      for (const body of ['<html>', '{"queue_running":[', '{"queue_running":NaN,"queue_pending":[]}', '[]', 'null'])
        simulator.at('queue', { do: 'answer', body }, { times: 1 });
      for (const body of ['oops', '[]', '{"x":1}']) simulator.at('history', { do: 'answer', body });
      simulator.mute();
    },
  ],
  [
    'the queue and the history return errors for a while',
    (simulator) => {
      simulator.at('queue', { do: 'answer', status: 500, type: 'text/plain', body: 'no' }, { times: 4 });
      simulator.at('history', 'reset', { times: 2 });
    },
  ],
  ['the picture is cut in the middle', (simulator) => void simulator.at('view:half', 'reset', { times: 2 })],
  [
    'the picture returns 503 at first',
    (simulator) => {
      simulator.at('view:before', { do: 'answer', status: 503, type: 'text/plain', body: 'later' }, { times: 2 });
    },
  ],
])('a generation is executed once when %s', async (_, spoil) => {
  spoil(app.simulator);
  await expectOne(app, alice);
});

test('a generation is executed once when the response to POST /prompt never comes', async () => {
  const own = await startTestApp({ timings: { ...QUICK, comfyui: { ...QUICK.comfyui, requestTimeoutMs: 500 } } });
  try {
    own.simulator.at('prompt:after', 'hang');
    await expectOne(own, await signUp(own.url));
  } finally {
    await own.close();
  }
});

test('a generation is COMPLETED when the response to POST /prompt comes after the prompt has ended', async () => {
  const hasEnded = async ({ promptId = '' }) =>
    app.simulator.journal.snapshot().prompts[promptId]?.succeeded === 1 &&
    !(await queueOf(app.simulator)).running.includes(promptId);
  app.simulator.at('prompt:after', {
    do: 'call',
    run: (passing) => until(() => hasEnded(passing), 'the prompt to end'),
  });
  await expectOne(app, alice);
});

test('prompts of other clients before and behind ours are not touched', async () => {
  const stranger = (filename_prefix: string) =>
    fetch(`${app.simulator.url}/prompt`, {
      method: 'POST',
      body: JSON.stringify({
        prompt_id: randomUUID(),
        prompt: {
          1: { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 7 } },
          2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix } },
        },
      }),
    }).then(async (response) => String(((await response.json()) as { prompt_id: string }).prompt_id));
  app.simulator.hold();
  const before = await stranger('before');
  await until(
    async () => (await queueOf(app.simulator)).running.includes(before),
    'the prompt of the other client to run',
  );
  const { id } = await create(alice);
  await reaches(app, id, 'pending');
  const behind = await stranger('behind');
  expect((await read(alice, id)).startedAt).toBeNull();
  await alice.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { id } }', { id });
  await settles(app, id);
  app.simulator.release();
  const succeeded = (promptId: string) => app.simulator.journal.snapshot().prompts[promptId]?.succeeded === 1;
  await until(() => succeeded(before) && succeeded(behind), 'both prompts of other clients to end');
  expect(app.simulator.journal.globalInterrupts).toBe(0);
});
