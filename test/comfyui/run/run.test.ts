import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  ComfyUI,
  PromptLostError,
  PromptRefusedError,
  type RunEvent,
  UnreachableError,
} from '../../../src/comfyui/index.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/until.js';
import { type StubResponse, type StubServer, startStub, status } from '../server.js';
import { card, closing, entry, queued, SHORT, type Started, start, stubbed } from '../support.js';

const keep = closing();

/** Sets where the stub's records have the prompt. Its sockets are silent unless the test sends a message. */
function records(stub: StubServer, promptId: () => string) {
  const set = (running: number, pending: number, history: object) => {
    const copies = (count: number) => Array.from({ length: count }, () => queued(promptId()));
    stub.responses['GET /queue'] = () => ({ queue_running: copies(running), queue_pending: copies(pending) });
    stub.responses['GET /history'] = () => history;
  };
  return {
    nowhere: () => set(0, 0, {}),
    pending: (copies = 1) => set(0, copies, {}),
    running: (pending = 0) => set(1, pending, {}),
    ended: (last = 'execution_success', outputs = {}) => set(0, 0, entry(promptId(), [last, {}], outputs)),
  };
}

/** Timers may fire a fraction of a millisecond early. */
const LEAST_IN_FLIGHT_MS = SHORT.inFlightTimeoutMs - 1;
const quick = { timings: { ...SHORT, recheckIntervalMs: 20 } };

const messageOf = (promptId: string, type: string, data: object = {}) => ({
  type,
  data: { prompt_id: promptId, ...data },
});

const submitted = (stub: StubServer) =>
  stub.calls.filter(({ route }) => route === 'POST /prompt').map(({ json }) => json.prompt_id);

const fail500: StubResponse = ({ response }) => void response.writeHead(500).end('Server got itself in trouble');

test('a fresh prompt is submitted at once, and followed by the records alone if the socket is silent', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const location = records(stub, () => run.promptId);
  location.pending();
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  expect(stub.calls[0]?.route).toBe('POST /prompt');
  location.running();
  await until(() => run.types.includes('running'), 'the prompt runs');
  location.ended('execution_success', { '3': { images: [] } });
  expect(await run.end).toMatchObject({ type: 'end', outcome: 'success', outputs: { '3': { images: [] } } });
  expect(run.types).toEqual(['submitted', 'running', 'end']);
});

test('a prompt runs without a socket', async () => {
  const stub = keep(await startStub());
  const comfyui = keep(new ComfyUI({ url: stub.url, ...quick }));
  const run = start(comfyui, card());
  records(stub, () => run.promptId).ended();
  expect((await run.end).outcome).toBe('success');
  expect(stub.calls[0]?.json.client_id).toBe(comfyui.clientId);
});

test('a prompt that may have been submitted before is checked for twice, inFlightTimeoutMs apart, before it is submitted', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card(), { fresh: false });
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  const routes = stub.calls.map(({ route }) => route);
  // The first two arrive in any order.
  const check = ['GET /history', 'GET /history', 'GET /queue'];
  expect([0, 3].map((first) => routes.slice(first, first + 3).sort())).toEqual([check, check]);
  expect(routes[6]).toBe('POST /prompt');
  expect(Number(stub.calls[3]?.at) - Number(stub.calls[2]?.at)).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT_MS);
  run.abort();
});

test.each(['pending', 'running', 'ended'] as const)(
  'a prompt that is found %s is adopted and not submitted',
  async (where) => {
    const promptId = randomUUID();
    const { stub, comfyui } = await stubbed(keep, {}, quick);
    const location = records(stub, () => promptId);
    location[where]();
    const run = start(comfyui, card(), { promptId, fresh: false });
    await until(() => run.types.includes('adopted'), 'the prompt is adopted');
    location.ended();
    await run.end;
    expect(run.events[0]).toEqual({ type: 'adopted', running: where !== 'pending' });
    expect(run.types).toEqual(['adopted', 'running', 'end']);
    expect(submitted(stub)).toEqual([]);
  },
);

test('a prompt whose POST arrives late is adopted', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const promptId = randomUUID();
  stub.responses['GET /history'] = () => {
    // The prompt arrives, and ends, right after the first check.
    records(stub, () => promptId).ended();
    return {};
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await run.end;
  expect(run.types[0]).toBe('adopted');
  expect(submitted(stub)).toEqual([]);
});

test('the pending copy of a running prompt is deleted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const location = records(stub, () => promptId);
  location.running(1);
  stub.responses['POST /queue'] = ({ response }) => {
    location.running();
    response.end();
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('POST /queue') > 0, 'the copy is deleted');
  expect(stub.calls.find(({ route }) => route === 'POST /queue')?.json).toEqual({ delete: [promptId] });
  location.ended();
  await run.end;
  expect(stub.count('POST /queue')).toBe(1);
  expect(stub.count('POST /interrupt')).toBe(0);
});

test('one of two pending copies is deleted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const location = records(stub, () => promptId);
  location.pending(2);
  stub.responses['POST /queue'] = ({ response }) => {
    location.pending(1);
    response.end();
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('POST /queue') > 0, 'the copy is deleted');
  location.ended();
  await run.end;
  expect(stub.count('POST /queue')).toBe(1);
});

test('a second execution of a prompt that has ended is interrupted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  records(stub, () => promptId).ended();
  stub.responses['GET /queue'] = () => ({ queue_running: [queued(promptId)], queue_pending: [] });
  await start(comfyui, card(), { promptId, fresh: false }).end;
  expect(stub.calls.find(({ route }) => route === 'POST /interrupt')?.json).toEqual({ prompt_id: promptId });
});

test('an error from beforeSubmit ends the run, and nothing is submitted', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const beforeSubmit = async () => {
    throw new Error('The lease is lost');
  };
  await expect(start(comfyui, card(), { beforeSubmit }).end).rejects.toThrow('The lease is lost');
  expect(submitted(stub)).toEqual([]);
});

test('a rejected prompt is not submitted again', async () => {
  const error = { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} };
  const refuse: StubResponse = ({ response }) =>
    void response.writeHead(400).end(JSON.stringify({ error, node_errors: {} }));
  const { stub, comfyui } = await stubbed(keep, { 'POST /prompt': refuse });
  const run = start(comfyui, card());
  await expect(run.end).rejects.toBeInstanceOf(PromptRefusedError);
  expect(run.types).toEqual([]);
  expect(submitted(stub)).toHaveLength(1);
});

test.each<[string, StubResponse]>([
  ['is cut', ({ response }) => void response.destroy()],
  ['is a 500', fail500],
  ['is a page of HTML', ({ response }) => void response.end('<html></html>')],
])('a POST that was received is not repeated if its response %s', async (_, answer) => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = await runReceived(stub, comfyui, answer);
  expect(run.types).toEqual(['unreachable', 'reachable', 'submitted', 'running', 'end']);
});

test('a POST that was received is not repeated if its response never comes', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { ...quick.timings, requestTimeoutMs: 300 } });
  const { types } = await runReceived(stub, comfyui, () => undefined);
  expect(types.slice(0, 2)).toEqual(['unreachable', 'reachable']);
  // On a machine that stalls, another response may time out as well.
  expect(types.filter((type) => !type.endsWith('reachable'))).toEqual(['submitted', 'running', 'end']);
});

/** Runs a prompt whose POST is received and has this response. */
async function runReceived(stub: StubServer, comfyui: ComfyUI, answer: StubResponse): Promise<Started> {
  const run = start(comfyui, card());
  const location = records(stub, () => run.promptId);
  stub.responses['POST /prompt'] = (call) => {
    location.pending();
    return answer(call);
  };
  await until(() => run.types.includes('submitted'), 'the prompt is found');
  location.ended();
  await run.end;
  expect(submitted(stub)).toEqual([run.promptId]);
  return run;
}

test('a POST that was not received is repeated under the same id, after beforeSubmit was called again', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const { 'POST /prompt': accept } = stub.responses;
  stub.responses['POST /prompt'] = (call) => {
    if (accept) stub.responses['POST /prompt'] = accept;
    call.response.destroy();
  };
  let calls = 0;
  const beforeSubmit = async () => void calls++;
  const run = start(comfyui, card(), { beforeSubmit });
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  expect(submitted(stub)).toEqual([run.promptId, run.promptId]);
  expect(calls).toBe(2);
  const between = stub.calls.slice(1, -1).map(({ route }) => route);
  expect(between.filter((route) => route === 'GET /history').length).toBeGreaterThanOrEqual(2);
  run.abort();
});

test('an outage is reported once when it begins and once when it ends, however long it takes', async () => {
  const port = await freePort();
  const stub = await startStub({}, port);
  await stub.close();
  const comfyui = keep(new ComfyUI({ url: stub.url, ...quick }));
  const run = start(comfyui, card());
  await until(() => run.types.includes('unreachable'), 'the outage is reported');
  const back = keep(await startStub({}, port));
  const location = records(back, () => run.promptId);
  const { 'POST /prompt': accept } = back.responses;
  back.responses['POST /prompt'] = (call) => {
    location.pending();
    return accept?.(call);
  };
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  back.responses['GET /queue'] = fail500;
  await until(() => run.types.length > 3 && run.types.at(-1) === 'unreachable', 'another outage is reported');
  location.ended();
  await run.end;
  expect(run.types).toEqual(['unreachable', 'reachable', 'submitted', 'unreachable', 'reachable', 'running', 'end']);
  expect(run.events[0]).toEqual({ type: 'unreachable', reason: 'POST /prompt failed: ECONNREFUSED' });
  expect(submitted(back)).toEqual([run.promptId]);
});

test('a prompt is lost after two checks that did not find it, inFlightTimeoutMs apart', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const location = records(stub, () => run.promptId);
  location.running();
  await until(() => run.types.includes('running'), 'the prompt runs');
  const checks = stub.count('GET /history');
  location.nowhere();
  const error = await run.end.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(PromptLostError);
  expect(error).toMatchObject({ promptId: run.promptId, succeeded: false });
  const after = stub.calls.filter(({ route }) => route === 'GET /history').slice(checks);
  expect(Number(after.at(-1)?.at) - Number(after[0]?.at)).toBeGreaterThanOrEqual(LEAST_IN_FLIGHT_MS);
});

test('unusable responses never count as a lost prompt', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const location = records(stub, () => run.promptId);
  location.running();
  await until(() => run.types.includes('running'), 'the prompt runs');
  // One check does not find the prompt. Later responses are unusable.
  const isMissed = new Promise<void>((resolve) => {
    stub.responses['GET /queue'] = () => {
      location.nowhere();
      stub.responses['GET /history'] = () => {
        stub.responses['GET /history'] = fail500;
        resolve();
        return {};
      };
      return { queue_running: [], queue_pending: [] };
    };
  });
  await isMissed;
  const begun = performance.now();
  for (const nothing of [fail500, () => null, () => [], () => ({ another: {} })]) {
    stub.responses['GET /history'] = nothing;
    const before = stub.count('GET /history');
    await until(() => stub.count('GET /history') > before + 1, 'another check');
  }
  await until(() => performance.now() - begun > 2 * SHORT.inFlightTimeoutMs, 'the timeout of a lost prompt is over');
  location.ended();
  expect((await run.end).outcome).toBe('success');
});

test('a prompt that is lost after execution_success says so, because its outputs may still exist', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  stub.say(
    messageOf(run.promptId, 'executed', { node: '3', display_node: '3', output: { images: [{ filename: 'a.png' }] } }),
  );
  stub.say(messageOf(run.promptId, 'execution_success', { timestamp: 1 }));
  await expect(run.end).rejects.toMatchObject({ name: 'PromptLostError', succeeded: true });
  expect(run.events.find(({ type }) => type === 'executed')).toEqual({
    type: 'executed',
    nodeId: '3',
    output: { images: [{ filename: 'a.png' }] },
  });
});

test.each([
  ['execution_success', { timestamp: 1 }],
  ['execution_error', { node_id: '2', exception_type: 'ValueError' }],
  ['execution_interrupted', { node_id: '2' }],
  ['executing', { node: null }],
])('%s triggers a check at once, and more until the history has the prompt', async (type, data) => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  const location = records(stub, () => run.promptId);
  location.running();
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  stub.say(messageOf(run.promptId, type, data));
  await until(() => stub.count('GET /history') > 1, 'more than one check');
  location.ended();
  await run.end;
});

test('an error that only blocks a branch triggers no check', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  stub.say(messageOf(run.promptId, 'execution_error', { node_id: '2', exception_type: 'ExecutionBlocked' }));
  await until(() => run.types.includes('running'), 'the message is received');
  expect(stub.count('GET /queue')).toBe(0);
  run.abort();
});

test('a socket that opens triggers a check, because messages may have been missed', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  records(stub, () => run.promptId).ended();
  stub.sockets[0]?.socket.terminate();
  await run.end;
});

test('the outcome comes from the last status message, whatever the status is', async () => {
  const promptId = randomUUID();
  const error = {
    node_id: '2',
    node_type: 'ImageInvert',
    exception_type: 'graph.DependencyCycleError',
    exception_message: 'cycle\n',
  };
  const answer = entry(promptId, ['execution_error', error]);
  Object.assign(answer[promptId]?.status ?? {}, { status_str: 'success', completed: true });
  const { comfyui } = await stubbed(keep, { 'GET /history': () => answer });
  expect(await start(comfyui, card(), { promptId, fresh: false }).end).toMatchObject({ outcome: 'error', error });
});

test('messages about other prompts are ignored', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  records(stub, () => run.promptId).pending();
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  for (const type of ['execution_start', 'execution_success']) stub.say(messageOf('theirs', type, { timestamp: 1 }));
  stub.say(messageOf('theirs', 'executing', { node: '1', display_node: '1' }));
  stub.say(messageOf('theirs', 'executed', { node: '3', output: { images: [] } }));
  stub.sockets[0]?.socket.send(Buffer.from('0000000100000001ffd8ffe0', 'hex'));
  stub.say(messageOf(run.promptId, 'execution_start', { timestamp: 1 }));
  await until(() => run.types.includes('running'), 'ours is received');
  expect(run.types).toEqual(['submitted', 'running']);
  run.abort();
});

test('messages that arrive before the response to the POST are emitted after it', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const received = comfyui.messages()[Symbol.asyncIterator]();
  const output = { images: [{ filename: 'a.png' }] };
  stub.responses['POST /prompt'] = async ({ json }) => {
    const promptId = String(json.prompt_id);
    stub.say(messageOf(promptId, 'execution_start', { timestamp: 1 }));
    stub.say(messageOf(promptId, 'executed', { node: '3', display_node: '3', output }));
    stub.say(status(0));
    while ((await received.next()).value?.type !== 'status');
    stub.responses['GET /history'] = () => entry(promptId, ['execution_success', {}]);
    return { prompt_id: promptId, number: 1, node_errors: {} };
  };
  const run = start(comfyui, card());
  await run.end;
  expect(run.types.filter((type) => type !== 'progress')).toEqual(['submitted', 'running', 'executed', 'end']);
});

/** Reads a run one event at a time, when the test asks for it. */
function readSlowly(comfyui: ComfyUI, promptId: string, signal: AbortSignal) {
  const events = comfyui.run(card(), { promptId, signal, fresh: true })[Symbol.asyncIterator]();
  return async (): Promise<RunEvent> => {
    const { value, done } = await events.next();
    if (done) throw new Error('The run is over');
    return value;
  };
}

test('a slow reader gets the newest progress and preview, and every output', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const promptId = randomUUID();
  const next = readSlowly(comfyui, promptId, new AbortController().signal);
  const location = records(stub, () => promptId);
  location.running();
  expect(await next()).toEqual({ type: 'submitted', running: expect.any(Boolean) });
  stub.say(messageOf(promptId, 'execution_start', { timestamp: 1 }));
  for (let step = 1; step <= 500; step++) {
    stub.say(messageOf(promptId, 'progress', { node: '2', value: step, max: 500 }));
    stub.sockets[0]?.socket.send(
      Buffer.concat([Buffer.from('0000000100000001ffd8', 'hex'), Buffer.from([step >> 8, step & 255])]),
    );
    if (step % 100 === 0) stub.say(messageOf(promptId, 'executed', { node: `${step}`, output: { text: [`${step}`] } }));
  }
  const mark = hearsMark(comfyui);
  stub.say(status(99));
  await mark;
  location.ended();

  const events: RunEvent[] = [];
  while (events.at(-1)?.type !== 'end') events.push(await next());
  expect(events.filter(({ type }) => type === 'executed')).toHaveLength(5);
  expect(events.filter(({ type }) => type === 'progress')).toHaveLength(1);
  expect(events.find((event) => event.type === 'progress')).toMatchObject({ progress: { step: 500, totalSteps: 500 } });
  const previews = events.filter((event) => event.type === 'preview');
  expect(previews.map(({ image }) => [...image.subarray(2)])).toEqual([[500 >> 8, 500 & 255]]);
});

async function hearsMark(comfyui: ComfyUI): Promise<void> {
  for await (const message of comfyui.messages()) {
    if (message.type === 'status' && message.data.status.exec_info.queue_remaining === 99) return;
  }
}

test('an abort throws its reason at once, even during beforeSubmit', async () => {
  const { comfyui } = await stubbed(keep);
  const undecided = start(comfyui, card(), { beforeSubmit: () => new Promise(() => undefined) });
  undecided.abort('enough');
  await expect(undecided.end).rejects.toBe('enough');
  const controller = new AbortController();
  controller.abort('before it began');
  await expect(readSlowly(comfyui, randomUUID(), controller.signal)()).rejects.toBe('before it began');
});

test.each(['breaking out of the loop', 'aborting'])(
  '%s leaves the prompt in ComfyUI, and no listener behind',
  async (how) => {
    const { stub, comfyui } = await stubbed(keep, {}, quick);
    const controller = new AbortController();
    const promptId = randomUUID();
    records(stub, () => promptId).running();
    try {
      for await (const { type } of comfyui.run(card(), { promptId, signal: controller.signal, fresh: true })) {
        if (type !== 'running') continue;
        if (how === 'aborting') controller.abort('enough');
        else break;
      }
    } catch (error) {
      expect(error).toBe('enough');
    }
    await until(() => EventEmitter.getEventListeners(controller.signal, 'abort').length === 0, 'no listener is left');
    const checks = stub.count('GET /queue');
    await comfyui.systemStats().catch(() => undefined);
    await until(() => stub.calls.at(-1)?.route === 'GET /system_stats', 'another check would have come');
    expect(stub.count('GET /queue')).toBeLessThanOrEqual(checks + 1);
    expect(stub.count('POST /interrupt') + stub.count('POST /queue')).toBe(0);
  },
);

test('closing the client ends its runs with an error', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  records(stub, () => run.promptId).running();
  await until(() => run.types.includes('running'), 'the prompt runs');
  await comfyui.close();
  const error = await run.end.catch((error: unknown) => error);
  expect(error).toMatchObject({ name: 'ComfyUIError', message: 'The ComfyUI client is closed' });
  expect(error).not.toBeInstanceOf(UnreachableError);
});

test('progress resumes from the stored progress', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const first = start(comfyui, card());
  const location = records(stub, () => first.promptId);
  location.running();
  await until(() => first.types.includes('submitted'), 'the prompt is submitted');
  const finished = { value: 1, max: 1, state: 'finished', node_id: '1', display_node_id: '1' };
  stub.say(messageOf(first.promptId, 'progress_state', { nodes: { '1': finished } }));
  await until(() => first.types.includes('progress'), 'progress');
  const left = first.events.flatMap((event) => (event.type === 'progress' ? [event.progress] : [])).at(-1);
  first.abort();

  const promptId = first.promptId;
  const controller = new AbortController();
  const resumed = comfyui.run(card(), { promptId, signal: controller.signal, ...(left && { progress: left }) });
  for await (const event of resumed) {
    if (event.type === 'running') stub.say(messageOf(promptId, 'executing', { node: '2', display_node: '2' }));
    if (event.type !== 'progress') continue;
    expect(event.progress).toMatchObject({ fraction: 1 / 3, nodesDone: 1, nodesTotal: 3, node: 'ImageInvert' });
    break;
  }
});
