/**
 * Faults between the client and ComfyUI, injected by the simulator: the prompt still ends, exactly once.
 *
 * @slow: waits for timeouts of connections.
 */
import { randomUUID } from 'node:crypto';
import {
  COMFYUI_TIMINGS,
  type ComfyUI,
  type ComfyUITimings,
  type FileItem,
  filesOf,
  type Graph,
  PromptLostError,
} from '../../../src/comfyui/index.js';
import {
  type Action,
  type SimulatedNode,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../src/simulator/index.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/until.js';
import { card, closing, connected, type Started, start } from '../support.js';

const keep = closing();

const never = new AbortController().signal;
const ALWAYS = { times: Number.POSITIVE_INFINITY };

async function simulated(options: SimulatorOptions = {}, timings: Partial<ComfyUITimings> = {}) {
  const simulator = keep(await startSimulator({ stepMs: 2, nodes: { Sample }, port: await freePort(), ...options }));
  return { simulator, comfyui: await connected(keep, simulator.url, { timings }) };
}

const STEPS = 12;

/** A fast sampler: it has steps and sends previews. */
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

/** Runs a graph up to this step and holds it there. */
async function atStep(simulator: Simulator, comfyui: ComfyUI, step: number): Promise<Started> {
  simulator.at('step', 'hold', { where: { step } });
  const run = start(comfyui, painting());
  await simulator.held();
  await until(() => stepsOf(run).includes(step - 1), 'the previous step is received');
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

test('without faults every step, its preview and the end are reported', async () => {
  const { simulator, comfyui } = await simulated();
  const run = start(comfyui, painting());
  expect(filesIn(await run.end)).toHaveLength(1);
  expect(new Set(stepsOf(run)).size).toBeGreaterThan(STEPS / 2);
  expect(run.types).toContain('preview');
  expectRisingProgress(run);
  expect(executions(simulator, run)).toBe(1);
});

test('a run waits for a ComfyUI that is down at the submission', async () => {
  const { simulator, comfyui } = await simulated();
  await simulator.down();
  const run = start(comfyui, painting());
  await until(() => run.types.includes('unreachable'), 'the outage is reported');
  await simulator.up();
  expect((await run.end).outcome).toBe('success');
  expect(run.types.slice(0, 3)).toEqual(['unreachable', 'reachable', 'submitted']);
  expect(executions(simulator, run)).toBe(1);
});

test('a ComfyUI that restarts has lost the running prompt, and accepts another', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  await simulator.restart();
  simulator.release();
  expect(await error(run.end)).toMatchObject({ name: 'PromptLostError', promptId: run.promptId, succeeded: false });
  const again = start(comfyui, painting());
  expect((await again.end).outcome).toBe('success');
  expect([executions(simulator, run), executions(simulator, again)]).toEqual([1, 1]);
});

test('a ComfyUI that restarts has lost the pending prompt', async () => {
  const { simulator, comfyui } = await simulated();
  await atStep(simulator, comfyui, 5);
  const waiting = start(comfyui, card(randomUUID()));
  await until(() => waiting.types.includes('submitted'), 'the prompt is queued');
  await simulator.restart();
  expect(await error(waiting.end)).toBeInstanceOf(PromptLostError);
  expect(executions(simulator, waiting)).toBe(0);
});

test('outputs from before a restart were reported, and can still be viewed although the history is gone', async () => {
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
  ['was received and whose response is reset', 'reset', 'prompt:after', 1],
  ['was received and whose response hangs', 'hang', 'prompt:after', 1],
  ['is reset before it is received', 'reset', 'prompt:before', 1],
  ['hangs before it is received', 'hang', 'prompt:before', 1],
])('a POST that %s leads to one execution', async (_, fault, point, count) => {
  const { simulator, comfyui } = await simulated({}, fault === 'hang' ? { requestTimeoutMs: 300 } : {});
  simulator.at(point, fault);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expect(run.types.slice(0, 2)).toEqual(['unreachable', 'reachable']);
  if (fault === 'reset') expect(run.types[2]).toBe('submitted');
  // On a machine that stalls longer than the request timeout, another outage may be reported.
  expect(run.types.find((type) => !type.endsWith('reachable'))).toBe('submitted');
  expect(executions(simulator, run)).toBe(count);
});

test('two clients that run the same prompt, one with its POST under way, cause one execution', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 50 });
  const other = await connected(keep, simulator.url);
  const promptId = randomUUID();
  const graph = painting();
  simulator.hold();
  // The first client freezes during its POST for longer than any timeout.
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

test.each(nonsense)('%s in place of the queue and the history only delays the end', async (_, action) => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 50 });
  for (const point of ['queue', 'history'] as const) simulator.at(point, action);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expect(run.types).toContain('unreachable');
  expect(run.types.filter((type) => type === 'end')).toHaveLength(1);
  expect(executions(simulator, run)).toBe(1);
});

test('a cut socket is reopened, and messages of the running prompt arrive again', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  const before = comfyui.clientId;
  simulator.dropSockets();
  await until(() => comfyui.connected && comfyui.clientId !== before, 'another id has a socket');
  await until(() => simulator.clientIds.includes(before), 'the old id has one as well');
  simulator.release();
  expect((await run.end).outcome).toBe('success');
  // A later event may replace the last one.
  expect(Math.max(...stepsOf(run).map((step) => step ?? 0))).toBeGreaterThan(5);
  expectRisingProgress(run);
  await until(() => !simulator.clientIds.includes(before), 'the old id to be released');
});

/** With this interval of checks a silent socket delays no end by more. */
const MUTE_END_WITHIN_MS = 3_000;

/** A run without messages ends as successful with the first check that begins after the history has the prompt. */
async function endsWithNextCheck(simulator: Simulator, comfyui: ComfyUI, run: Started): Promise<void> {
  expect(COMFYUI_TIMINGS.recheckIntervalMs).toBeLessThan(MUTE_END_WITHIN_MS);
  await until(() => comfyui.history(run.promptId), 'the history has it');
  // Each check begins with the queue.
  const checks = simulator.journal.requests('GET /queue');
  expect((await run.end).outcome).toBe('success');
  expect(simulator.journal.requests('GET /queue')).toBeLessThanOrEqual(checks + 1);
}

test.each(['from the beginning', 'from the middle'])(
  'a socket that is silent %s delays the end to the next check of the records',
  async (when) => {
    const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 200 });
    if (when === 'from the beginning') simulator.mute();
    const run = when === 'from the beginning' ? start(comfyui, painting()) : await atStep(simulator, comfyui, 5);
    simulator.mute();
    simulator.release();
    await endsWithNextCheck(simulator, comfyui, run);
    expect(run.types.filter((type) => type === 'running')).toHaveLength(1);
  },
);

test('another client that does not read and blocks all messages delays the end to the next check of the records', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 200 });
  // As ComfyUI's publish_loop does: it waits for one socket, and so blocks all others.
  simulator.at('message', { do: 'call', run: () => new Promise(() => {}) });
  const run = start(comfyui, painting());
  await endsWithNextCheck(simulator, comfyui, run);
});

const foreign = (type: string, data: object) =>
  JSON.stringify({ type, data: { prompt_id: 'another prompt', ...data } });

test.each<[string, Action[]]>([
  ['repeated', [{ do: 'repeat' }]],
  ['in part out of order', []],
  ['repeated and in part out of order', [{ do: 'repeat' }]],
  [
    'mixed with garbage',
    ['', '{"type":', '[]', '{"type": "logs", "data": {}}'].map((frame) => ({ do: 'insert', frame })),
  ],
  ['mixed with malformed frames', [Buffer.alloc(3), Buffer.alloc(64, 4)].map((frame) => ({ do: 'insert', frame }))],
  [
    'mixed with those of other clients',
    [
      { do: 'insert', frame: foreign('progress', { node: '2', value: STEPS, max: STEPS }) },
      { do: 'insert', frame: foreign('execution_error', { node_id: '3', exception_type: 'ValueError' }) },
      { do: 'insert', frame: foreign('executing', { node: null }) },
      { do: 'insert', frame: Buffer.from('0000000100000001ffd8ffe0', 'hex') },
    ],
  ],
])('messages that are %s do not change the end, and progress never falls', async (how, actions) => {
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

test.each(['execution_success', 'executing', 'status'])('the end is found if no %s arrives', async (type) => {
  const { simulator, comfyui } = await simulated();
  simulator.at('message', 'omit', { ...ALWAYS, where: { type } });
  expect((await start(comfyui, painting()).end).outcome).toBe('success');
});

test('a prompt whose history entry was dropped is lost, and its outputs were reported', async () => {
  const { simulator, comfyui } = await simulated();
  const evict = ({ promptId }: { promptId?: string }) => simulator.evict(promptId);
  simulator.at('history', { do: 'call', run: evict }, ALWAYS);
  const run = start(comfyui, painting());
  expect(await error(run.end)).toMatchObject({ name: 'PromptLostError', succeeded: true });
  expect(run.types).toContain('executed');
});

test('a run waits for a history entry that comes later than its event', async () => {
  const { comfyui } = await simulated({ historyLagMs: 300 }, { inFlightTimeoutMs: COMFYUI_TIMINGS.inFlightTimeoutMs });
  expect(filesIn(await start(comfyui, painting()).end)).toHaveLength(1);
});

test('a success without files has no outputs', async () => {
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

test('a dead worker is neither an end nor an outage: the caller decides how long to wait', async () => {
  const { simulator, comfyui } = await simulated({}, { recheckIntervalMs: 10 });
  simulator.at('step', 'die', { where: { step: 3 } });
  const run = start(comfyui, painting());
  await until(() => run.types.includes('running'), 'the prompt runs');
  const reads = simulator.journal.requests('GET /queue');
  await until(() => simulator.journal.requests('GET /queue') > reads + 20, 'many checks');
  expect(run.types).not.toContain('unreachable');
  expect(run.types).not.toContain('end');
  run.abort('too long');
  expect(await error(run.end)).toBe('too long');
});

test('an interrupt that is lost because the prompt is starting is repeated', async () => {
  const { simulator, comfyui } = await simulated();
  simulator.at('start', 'hold');
  simulator.at('step', 'hold', { where: { step: 1 } });
  const run = start(comfyui, painting());
  await simulator.held();
  const canceled = comfyui.cancel(run.promptId, never);
  await until(() => simulator.journal.requests('POST /interrupt') > 0, 'an interrupt');
  simulator.release();
  await simulator.held();
  const before = simulator.journal.requests('POST /interrupt');
  await until(() => simulator.journal.requests('POST /interrupt') > before, 'another interrupt');
  simulator.release();
  expect(await canceled).toBe('ended');
  expect((await run.end).outcome).toBe('interrupted');
  expect(simulator.journal.snapshot().globalInterrupts).toBe(0);
});

test('canceling waits until an outage is over', async () => {
  const { simulator, comfyui } = await simulated();
  const run = await atStep(simulator, comfyui, 5);
  simulator.at('request', 'reset', { times: 4 });
  const canceled = comfyui.cancel(run.promptId, never);
  await until(() => simulator.journal.requests('POST /interrupt') > 0, 'an interrupt');
  simulator.release();
  expect(await canceled).toBe('ended');
});

test('the body of a file that is cut or hangs throws, and the next request returns the whole file', async () => {
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

test('sockets that are cut repeatedly delay only progress', async () => {
  const { simulator, comfyui } = await simulated({ stepMs: 20 });
  simulator.at('step', 'drop-sockets', ALWAYS);
  const run = start(comfyui, painting());
  expect((await run.end).outcome).toBe('success');
  expectRisingProgress(run);
  expect(executions(simulator, run)).toBe(1);
});
