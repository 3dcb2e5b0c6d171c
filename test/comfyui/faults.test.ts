/** What goes wrong between this client and a ComfyUI, each as the simulator does it on purpose: the prompt still ends, once. */
import { randomUUID } from 'node:crypto';
import {
  COMFYUI_TIMINGS,
  type ComfyUI,
  type ComfyUITimings,
  type FileItem,
  filesOf,
  type Graph,
  PromptLostError,
} from '../../src/comfyui/index.js';
import {
  type Action,
  type SimulatedNode,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import { card, closing, connected, type Started, start } from './support.js';

const keep = closing();

const never = new AbortController().signal;
const ALWAYS = { times: Number.POSITIVE_INFINITY };

async function simulated(options: SimulatorOptions = {}, timings: Partial<ComfyUITimings> = {}) {
  const simulator = keep(await startSimulator({ stepMs: 2, nodes: { Sample }, ...options }));
  return { simulator, comfyui: await connected(keep, simulator.url, { timings }) };
}

const STEPS = 12;

/** A sampler without the painting: it has steps and shows previews. */
const Sample: SimulatedNode = {
  input: { required: { image: ['IMAGE'], steps: ['INT', {}] } },
  output: ['IMAGE'],
  run: async ({ image, steps }, run) => {
    const preview = { width: 8, height: 8, channels: 3, data: new Uint8Array(8 * 8 * 3) } as const;
    for (let step = 1; step <= Number(steps); step++) {
      await run.simulateWork(run.stepMs);
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
  await until(() => stepsOf(run).includes(step - 1), 'the step before is heard');
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
  await simulator.down();
  const run = start(comfyui, painting());
  await until(() => run.types.includes('unreachable'), 'it is found to be down');
  await simulator.up();
  expect((await run.end).outcome).toBe('success');
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
  await until(() => waiting.types.includes('submitted'), 'it is queued');
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
  const { simulator, comfyui } = await simulated({}, fault === 'hang' ? { requestTimeoutMs: 300 } : {});
  simulator.at(point, fault);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expect(run.types.slice(0, 2)).toEqual(['unreachable', 'reachable']);
  if (fault === 'reset') expect(run.types[2]).toBe('submitted');
  // Where the machine stands still for longer than a request may take, another one is told as an outage as well.
  expect(run.types.find((type) => !type.endsWith('reachable'))).toBe('submitted');
  expect(executions(simulator, run)).toBe(count);
});

test('two that follow the same prompt, one of them with its POST still on the way, lead to one execution', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 50 });
  const other = await connected(keep, simulator.url);
  const promptId = randomUUID();
  const graph = painting();
  simulator.hold();
  // The first one freezes in the middle of its POST for longer than anyone waits for it.
  const arrived = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  const freeze = () => {
    arrived.resolve();
    return thawed.promise;
  };
  simulator.at('prompt:before', { do: 'call', run: freeze });
  const frozen = start(comfyui, graph, { promptId });
  await arrived.promise;
  const taker = start(other, graph, { promptId, fresh: false });
  await until(() => taker.types.includes('submitted'), 'the second is submitted');
  thawed.resolve();
  await until(() => frozen.types.includes('submitted'), 'the first is submitted');
  await until(() => simulator.journal.prompt(promptId).deleted > 0, 'the copy is deleted');
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
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 50 });
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
  await until(() => comfyui.connected && comfyui.clientId !== before, 'another id has a socket');
  await until(() => simulator.clientIds.includes(before), 'the old id has one as well');
  simulator.release();
  expect((await run.end).outcome).toBe('success');
  // The very last one may be replaced by what comes after it.
  expect(Math.max(...stepsOf(run).map((step) => step ?? 0))).toBeGreaterThan(5);
  expectRisingProgress(run);
  await until(() => !simulator.clientIds.includes(before), 'the old id is let go');
});

/** The records are looked at so often that they delay no end by more than this, where nothing is heard. */
const MUTE_END_WITHIN_MS = 3_000;

/** A run that hears nothing ends as successful with the first look that begins after the history has it. */
async function endsWithNextLook(simulator: Simulator, comfyui: ComfyUI, run: Started): Promise<void> {
  expect(COMFYUI_TIMINGS.recheckIntervalMs).toBeLessThan(MUTE_END_WITHIN_MS);
  await until(() => comfyui.history(run.promptId), 'the history has it');
  // Each look begins with the queue.
  const looks = simulator.journal.requests('GET /queue');
  expect((await run.end).outcome).toBe('success');
  expect(simulator.journal.requests('GET /queue')).toBeLessThanOrEqual(looks + 1);
}

test.each(['from the beginning', 'from the middle'])(
  'a socket that is mute %s delays the end to the next look at the records',
  async (when) => {
    const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 200 });
    if (when === 'from the beginning') simulator.mute();
    const run = when === 'from the beginning' ? start(comfyui, painting()) : await atStep(simulator, comfyui, 5);
    simulator.mute();
    simulator.release();
    await endsWithNextLook(simulator, comfyui, run);
    expect(run.types.filter((type) => type === 'running')).toHaveLength(1);
  },
);

test('a stranger that does not read and stops all messages delays the end to the next look at the records', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 200 });
  // As publish_loop does: it waits for one socket, and all others wait with it.
  simulator.at('message', { do: 'call', run: () => new Promise(() => {}) });
  const run = start(comfyui, painting());
  await endsWithNextLook(simulator, comfyui, run);
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

test('a history that comes later than its event is waited for', async () => {
  const { comfyui } = await simulated({ historyLagMs: 300 }, { inFlightTimeoutMs: COMFYUI_TIMINGS.inFlightTimeoutMs });
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
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 10 });
  simulator.at('step', 'die', { where: { step: 3 } });
  const run = start(comfyui, painting());
  await until(() => run.types.includes('running'), 'it runs');
  const reads = simulator.journal.requests('GET /queue');
  await until(() => simulator.journal.requests('GET /queue') > reads + 20, 'it was looked at often');
  expect(run.types).not.toContain('unreachable');
  expect(run.types).not.toContain('end');
  run.abort('too long');
  expect(await error(run.end)).toBe('too long');
});

test('an interrupt that comes just as the prompt starts is lost, and told again', async () => {
  const { simulator, comfyui } = await simulated();
  simulator.at('start', 'hold');
  simulator.at('step', 'hold', { where: { step: 1 } });
  const run = start(comfyui, painting());
  await simulator.held();
  const canceled = comfyui.cancel(run.promptId, never);
  await until(() => simulator.journal.requests('POST /interrupt') > 0, 'it was interrupted');
  simulator.release();
  await simulator.held();
  const before = simulator.journal.requests('POST /interrupt');
  await until(() => simulator.journal.requests('POST /interrupt') > before, 'it was interrupted again');
  simulator.release();
  expect(await canceled).toBe('ended');
  expect((await run.end).outcome).toBe('interrupted');
  expect(simulator.journal.snapshot().globalInterrupts).toBe(0);
});

test('canceling waits through an outage', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  simulator.at('request', 'reset', { times: 4 });
  const canceled = comfyui.cancel(run.promptId, never);
  await until(() => simulator.journal.requests('POST /interrupt') > 0, 'it was interrupted');
  simulator.release();
  expect(await canceled).toBe('ended');
});

test('a file that is cut or hangs half way errors its body, and comes whole the next time', async () => {
  const { simulator, comfyui } = await simulated();
  const hasty = await connected(keep, simulator.url, { timings: { requestTimeoutMs: 200 } });
  const [file] = filesIn(await start(comfyui, painting()).end);
  for (const fault of ['reset', 'hang'] as const) {
    simulator.at('view:half', fault);
    expect(await error(read(hasty, file as FileItem))).toMatchObject({ name: 'UnreachableError' });
    expect(await read(comfyui, file as FileItem)).toBeGreaterThan(0);
  }
});

async function read(comfyui: ComfyUI, file: FileItem): Promise<number> {
  let bytes = 0;
  for await (const chunk of (await comfyui.view(file)).body) bytes += chunk.length;
  return bytes;
}

test('sockets that are cut again and again delay nothing but progress', async () => {
  const { simulator, comfyui } = await simulated({ stepMs: 20 });
  simulator.at('step', 'drop-sockets', ALWAYS);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expectRisingProgress(run);
  expect(executions(simulator, run)).toBe(1);
});
