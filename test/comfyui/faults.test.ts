/** What goes wrong between this client and a ComfyUI, each as the simulator does it on purpose: the prompt still ends, once. */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ComfyUI, type FileItem, filesOf, type Graph, PromptLostError } from '../../src/comfyui/index.js';
import {
  type Action,
  type SimulatedNode,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/index.js';
import { card, closing, connected, type Started, start, until } from './support.js';

const keep = closing();

const ALWAYS = { times: Number.POSITIVE_INFINITY };

async function simulated(options: SimulatorOptions = {}, client: object = {}) {
  const simulator = keep(await startSimulator({ stepMs: 2, nodes: { Sample }, ...options }));
  return { simulator, comfyui: await connected(keep, simulator.url, client) };
}

const STEPS = 12;

/** A sampler without the painting: it has steps and shows previews. */
const Sample: SimulatedNode = {
  input: { required: { image: ['IMAGE'], steps: ['INT', {}] } },
  output: ['IMAGE'],
  run: async ({ image, steps }, run) => {
    const preview = { width: 8, height: 8, channels: 3, data: new Uint8Array(8 * 8 * 3) } as const;
    for (let step = 1; step <= Number(steps); step++) {
      await run.work(run.stepMs);
      await run.progress(step, Number(steps), { ...preview });
    }
    return { outputs: [image] };
  },
};

const painting = (): Graph => ({
  ...card(randomUUID()),
  '2': { class_type: 'Sample', inputs: { image: ['1', 0], steps: STEPS } },
});

/** Runs a painting up to its step and holds it there. */
async function atStep(simulator: Simulator, comfyui: ComfyUI, step: number): Promise<Started> {
  simulator.at('step', 'hold', { where: { step } });
  const run = start(comfyui, painting());
  await simulator.held();
  await until('the step before is heard', () => stepsOf(run).includes(step - 1));
  return run;
}

const stepsOf = ({ events }: Started) =>
  events.flatMap((event) => (event.type === 'progress' ? [event.progress.step] : []));

const executions = (simulator: Simulator, { promptId }: { promptId: string }) =>
  simulator.journal.prompt(promptId).executed;

function expectRisingProgress({ events }: Started): void {
  const fractions = events.flatMap((event) => (event.type === 'progress' ? [event.progress.fraction] : []));
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(Math.max(0, ...fractions)).toBeLessThan(1);
}

const filesIn = ({ outputs }: { outputs: Record<string, Record<string, unknown[]>> }): FileItem[] =>
  Object.values(outputs).flatMap(filesOf);

const error = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

test('without faults every step and its preview is told, and the end', async () => {
  const { simulator, comfyui } = await simulated();
  const run = start(comfyui, painting());
  expect(filesIn(await run.end)).toHaveLength(1);
  expect(new Set(stepsOf(run)).size).toBeGreaterThan(STEPS / 2);
  expect(run.types).toContain('preview');
  expectRisingProgress(run);
  expect(executions(simulator, run)).toBe(1);
});

test('a ComfyUI that is down at the submit is waited for', async () => {
  const { simulator, comfyui } = await simulated();
  const up = simulator.restart({ downMs: 1_500 });
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  await up;
  expect(run.types.slice(0, 3)).toEqual(['unreachable', 'reachable', 'submitted']);
  expect(executions(simulator, run)).toBe(1);
});

test('a ComfyUI that restarts has lost the prompt that ran, and takes another', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  await simulator.restart();
  simulator.release();
  expect(await error(run.end)).toMatchObject({ name: 'PromptLostError', promptId: run.promptId, succeeded: false });
  const again = start(comfyui, painting());
  expect((await again.end).outcome).toBe('success');
  expect([executions(simulator, run), executions(simulator, again)]).toEqual([1, 1]);
});

test('a ComfyUI that restarts has lost the prompt that waited', async () => {
  const { simulator, comfyui } = await simulated();
  await atStep(simulator, comfyui, 5);
  const waiting = start(comfyui, card(randomUUID()));
  await until('it is queued', () => waiting.types.includes('submitted'));
  await simulator.restart();
  expect(await error(waiting.end)).toBeInstanceOf(PromptLostError);
  expect(executions(simulator, waiting)).toBe(0);
});

test('what was made before a restart ate the history was told, and can still be viewed', async () => {
  const { simulator, comfyui } = await simulated();
  const success = hears(comfyui, 'execution_success');
  simulator.at('success', {
    do: 'call',
    run: async () => {
      await success;
      void simulator.restart();
    },
  });
  const run = start(comfyui, painting());
  expect(await error(run.end)).toMatchObject({ name: 'PromptLostError', succeeded: true });
  const [file] = run.events.flatMap((event) => (event.type === 'executed' ? filesOf(event.output) : []));
  const { contentType } = await comfyui.view(file as FileItem);
  expect(contentType).toBe('image/png');
});

async function hears(comfyui: ComfyUI, type: string): Promise<void> {
  for await (const message of comfyui.messages()) if (message.type === type) return;
}

test.each<[string, Action['do'] & ('reset' | 'hang'), 'prompt:before' | 'prompt:after', number]>([
  ['was heard and whose answer is reset', 'reset', 'prompt:after', 1],
  ['was heard and whose answer hangs', 'hang', 'prompt:after', 1],
  ['is reset before it was heard', 'reset', 'prompt:before', 1],
  ['hangs before it was heard', 'hang', 'prompt:before', 1],
])('a POST that %s leads to one execution', async (_, fault, point, count) => {
  const { simulator, comfyui } = await simulated({}, { requestTimeoutMs: 500 });
  simulator.at(point, fault);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expect(run.types.slice(0, 3)).toEqual(['unreachable', 'reachable', 'submitted']);
  expect(executions(simulator, run)).toBe(count);
});

test('two that follow the same prompt, one of them with its POST still on the way, lead to one execution', async () => {
  const { simulator, comfyui } = await simulated();
  const other = await connected(keep, simulator.url);
  const promptId = randomUUID();
  const graph = painting();
  simulator.hold();
  // The first one freezes in the middle of its POST for longer than anyone waits for it.
  simulator.at('prompt:before', { do: 'wait', ms: 3_000 });
  const frozen = start(comfyui, graph, { promptId });
  const taker = start(other, graph, { promptId, fresh: false });
  await until('both are submitted', () => frozen.types.includes('submitted') && taker.types.includes('submitted'));
  await until('the copy is deleted', () => simulator.journal.prompt(promptId).deleted);
  simulator.release();
  const ends = await Promise.all([frozen.end, taker.end]);
  expect(ends.map(({ outcome }) => outcome)).toEqual(['success', 'success']);
  expect(simulator.journal.prompt(promptId)).toMatchObject({ received: 2, executed: 1, deleted: 1 });
});

const nonsense: [string, Action][] = [
  ['a 500 in text', { do: 'answer', status: 500, type: 'text/plain', body: '500 Internal Server Error' }],
  ['a page of HTML', { do: 'answer', type: 'text/html', body: '<html>502</html>' }],
  ['cut JSON', { do: 'answer', body: '{"queue_running": [[1, "' }],
  ['NaN', { do: 'answer', body: 'NaN' }],
  ['an empty object of something else', { do: 'answer', body: '{"error": {}}' }],
  ['nothing', { do: 'answer', body: '' }],
  ['a reset', { do: 'reset' }],
];

test.each(nonsense)('%s in place of the queue and the history delays the end and does no harm', async (_, action) => {
  const { simulator, comfyui } = await simulated({}, { recheckEveryMs: 50 });
  for (const point of ['queue', 'history'] as const) simulator.at(point, action);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expect(run.types).toContain('unreachable');
  expect(run.types.filter((type) => type === 'end')).toHaveLength(1);
  expect(executions(simulator, run)).toBe(1);
});

test('a cut socket is opened again, and the prompt that ran goes on being heard', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  const before = comfyui.clientId;
  simulator.dropSockets();
  await until('another id has a socket', () => comfyui.connected && comfyui.clientId !== before);
  await until('the old id has one as well', () => simulator.clientIds.includes(before));
  simulator.release();
  expect((await run.end).outcome).toBe('success');
  // The very last one may be replaced by what comes after it.
  expect(Math.max(...stepsOf(run).map((step) => step ?? 0))).toBeGreaterThan(5);
  expectRisingProgress(run);
  await until('the old id is let go', () => !simulator.clientIds.includes(before));
});

/** When the history gets its entry, within the resolution of the poll. */
async function endedAt(comfyui: ComfyUI, { promptId }: { promptId: string }): Promise<number> {
  await until('the history has it', () => comfyui.history(promptId));
  return performance.now();
}

const MUTE_END_WITHIN_MS = 3_000;

test.each(['from the beginning', 'from the middle'])(
  'a socket that is mute %s delays the end by less than 3 s',
  async (when) => {
    const { simulator, comfyui } = await simulated();
    if (when === 'from the beginning') simulator.mute();
    const run = when === 'from the beginning' ? start(comfyui, painting()) : await atStep(simulator, comfyui, 5);
    simulator.mute();
    simulator.release();
    const entryAt = await endedAt(comfyui, run);
    expect((await run.end).outcome).toBe('success');
    expect(performance.now() - entryAt).toBeLessThan(MUTE_END_WITHIN_MS);
    expect(run.types.filter((type) => type === 'running')).toHaveLength(1);
  },
);

test('a stranger that does not read and stops all messages delays the end by less than 3 s', async () => {
  const { simulator, comfyui } = await simulated();
  // As publish_loop does: it waits for one socket, and all others wait with it.
  simulator.at('message', { do: 'wait', ms: 10_000 });
  const run = start(comfyui, painting());
  const entryAt = await endedAt(comfyui, run);
  expect((await run.end).outcome).toBe('success');
  expect(performance.now() - entryAt).toBeLessThan(MUTE_END_WITHIN_MS);
});

const foreign = (type: string, data: object) =>
  JSON.stringify({ type, data: { prompt_id: 'a strangers prompt', ...data } });

test.each<[string, Action[]]>([
  ['repeated', [{ do: 'repeat' }]],
  ['in part out of order', []],
  ['repeated and in part out of order', [{ do: 'repeat' }]],
  [
    'mixed with garbage',
    ['', '{"type":', '[]', '{"type": "logs", "data": {}}'].map((frame) => ({ do: 'insert', frame })),
  ],
  ['mixed with frames that are none', [Buffer.alloc(3), Buffer.alloc(64, 4)].map((frame) => ({ do: 'insert', frame }))],
  [
    'mixed with those of strangers',
    [
      { do: 'insert', frame: foreign('progress', { node: '2', value: STEPS, max: STEPS }) },
      { do: 'insert', frame: foreign('execution_error', { node_id: '3', exception_type: 'ValueError' }) },
      { do: 'insert', frame: foreign('executing', { node: null }) },
      { do: 'insert', frame: Buffer.from('0000000100000001ffd8ffe0', 'hex') },
    ],
  ],
])('messages that are %s change no end, and make no progress fall', async (how, actions) => {
  const { simulator, comfyui } = await simulated();
  for (const action of actions) simulator.at('message', action, ALWAYS);
  if (how.includes('out of order')) for (let skip = 2; skip < 90; skip += 3) simulator.at('message', 'swap', { skip });
  const run = start(comfyui, painting());
  const end = await run.end;
  expect(end.outcome).toBe('success');
  expect(run.types.filter((type) => type === 'executed')).toHaveLength(1);
  expect(run.types.filter((type) => type === 'running' || type === 'end')).toEqual(['running', 'end']);
  expectRisingProgress(run);
  for (const event of run.events) if (event.type === 'preview') expect(event.image.length).toBeGreaterThan(4);
});

test.each(['execution_success', 'executing', 'status'])('an end is found when no %s is told', async (type) => {
  const { simulator, comfyui } = await simulated();
  simulator.at('message', 'omit', { ...ALWAYS, where: { type } });
  expect((await start(comfyui, painting()).end).outcome).toBe('success');
});

test('a prompt whose history entry was cut is lost, and its outputs were told', async () => {
  const { simulator, comfyui } = await simulated();
  const evict = ({ promptId }: { promptId?: string }) => simulator.evict(promptId);
  simulator.at('history', { do: 'call', run: evict }, ALWAYS);
  const run = start(comfyui, painting());
  expect(await error(run.end)).toMatchObject({ name: 'PromptLostError', succeeded: true });
  expect(run.types).toContain('executed');
});

test('a history that comes 800 ms after its event is waited for', async () => {
  const { comfyui } = await simulated({ historyLagMs: 800 });
  expect(filesIn(await start(comfyui, painting()).end)).toHaveLength(1);
});

test('a success without files is a success without files', async () => {
  const { simulator, comfyui } = await simulated();
  simulator.at('output', 'omit');
  const end = await start(comfyui, painting()).end;
  expect(end.outcome).toBe('success');
  expect(filesIn(end)).toEqual([]);
});

test('a node that runs out of memory ends the prompt as an error of that type, and the next one runs', async () => {
  const { simulator, comfyui } = await simulated();
  const type = 'torch.OutOfMemoryError';
  simulator.at('step', { do: 'fail', type, message: 'Allocation on device' }, { where: { step: 3 } });
  const end = await start(comfyui, painting()).end;
  expect(end).toMatchObject({ outcome: 'error', error: { node_id: '2', exception_type: type } });
  expect((await start(comfyui, painting()).end).outcome).toBe('success');
});

test('a worker that died is neither an end nor an outage: the caller decides how long to wait', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckEveryMs: 50 });
  simulator.at('step', 'die', { where: { step: 3 } });
  const run = start(comfyui, painting());
  await until('it runs', () => run.types.includes('running'));
  const reads = simulator.journal.requests('GET /queue');
  await until('it was looked at often', () => simulator.journal.requests('GET /queue') > reads + 20);
  expect(run.types).not.toContain('unreachable');
  expect(run.types).not.toContain('end');
  run.abort('too long');
  expect(await error(run.end)).toBe('too long');
});

test('an interrupt that comes just as the prompt starts is lost, and told again', async () => {
  const { simulator, comfyui } = await simulated({ stepMs: 20 });
  simulator.at('start', 'hold');
  const run = start(comfyui, painting());
  await simulator.held();
  const canceled = comfyui.cancel(run.promptId, AbortSignal.timeout(20_000));
  await until('it was interrupted', () => simulator.journal.requests('POST /interrupt'));
  simulator.release();
  expect(await canceled).toBe('ended');
  expect((await run.end).outcome).toBe('interrupted');
  expect(simulator.journal.requests('POST /interrupt')).toBeGreaterThan(1);
  expect(simulator.journal.snapshot().globalInterrupts).toBe(0);
});

test('canceling waits through an outage', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  simulator.at('request', 'reset', { times: 4 });
  const canceled = comfyui.cancel(run.promptId, AbortSignal.timeout(20_000));
  await until('it was interrupted', () => simulator.journal.requests('POST /interrupt'));
  simulator.release();
  expect(await canceled).toBe('ended');
});

test('a file that is cut or hangs half way errors its body, and comes whole the next time', async () => {
  const { simulator, comfyui } = await simulated({}, { requestTimeoutMs: 300 });
  const [file] = filesIn(await start(comfyui, painting()).end);
  for (const fault of ['reset', 'hang'] as const) {
    simulator.at('view:half', fault);
    expect(await error(read(comfyui, file as FileItem))).toMatchObject({ name: 'UnreachableError' });
    expect(await read(comfyui, file as FileItem)).toBeGreaterThan(0);
  }
});

async function read(comfyui: ComfyUI, file: FileItem): Promise<number> {
  let bytes = 0;
  for await (const chunk of (await comfyui.view(file)).body) bytes += chunk.length;
  return bytes;
}

test('sockets that are cut again and again delay nothing but progress', async () => {
  const { simulator, comfyui } = await simulated({ stepMs: 40 });
  const stop = new AbortController();
  const cutting = (async () => {
    while (!stop.signal.aborted) {
      simulator.dropSockets();
      await setTimeout(100, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  const run = start(comfyui, painting());
  const end = await run.end;
  stop.abort();
  await cutting;
  expect(end.outcome).toBe('success');
  expectRisingProgress(run);
  expect(executions(simulator, run)).toBe(1);
});
