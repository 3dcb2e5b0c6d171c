import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  ComfyUI,
  PromptLostError,
  PromptRefusedError,
  type RunEvent,
  UnreachableError,
} from '../../src/comfyui/index.js';
import { until } from '../support/until.js';
import { type Answer, type StubServer, startStub, status } from './server.js';
import { card, closing, entry, queued, SHORT, type Started, start, stubbed } from './support.js';

const keep = closing();

/** Where a stub has the prompt, by its records alone: its sockets say nothing unless the test does. */
function records(stub: StubServer, promptId: () => string) {
  const set = (running: number, pending: number, history: object) => {
    const copies = (count: number) => Array.from({ length: count }, () => queued(promptId()));
    stub.answers['GET /queue'] = () => ({ queue_running: copies(running), queue_pending: copies(pending) });
    stub.answers['GET /history'] = () => history;
  };
  return {
    nowhere: () => set(0, 0, {}),
    pending: (copies = 1) => set(0, copies, {}),
    running: (pending = 0) => set(1, pending, {}),
    ended: (last = 'execution_success', outputs = {}) => set(0, 0, entry(promptId(), [last, {}], outputs)),
  };
}

const quick = { timings: { ...SHORT, recheckIntervalMs: 20 } };

const messageOf = (promptId: string, type: string, data: object = {}) => ({
  type,
  data: { prompt_id: promptId, ...data },
});

const posted = (stub: StubServer) =>
  stub.calls.filter(({ route }) => route === 'POST /prompt').map(({ json }) => json.prompt_id);

const fail500: Answer = ({ response }) => void response.writeHead(500).end('Server got itself in trouble');

test('a fresh prompt is posted at once, and followed by the records alone when the socket is silent', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const place = records(stub, () => run.promptId);
  place.pending();
  await until(() => run.types.includes('submitted'), 'it is submitted');
  expect(stub.calls[0]?.route).toBe('POST /prompt');
  place.running();
  await until(() => run.types.includes('running'), 'it runs');
  place.ended('execution_success', { '3': { images: [] } });
  expect(await run.end).toEqual({ type: 'end', outcome: 'success', outputs: { '3': { images: [] } } });
  expect(run.types).toEqual(['submitted', 'running', 'end']);
});

test('without a socket a prompt runs as well', async () => {
  const stub = keep(await startStub());
  const comfyui = keep(new ComfyUI({ url: stub.url, ...quick }));
  const run = start(comfyui, card());
  records(stub, () => run.promptId).ended();
  expect((await run.end).outcome).toBe('success');
  expect(stub.calls[0]?.json.client_id).toBe(comfyui.clientId);
});

test('a prompt that someone may have posted is looked for twice, as far apart as a POST takes to arrive, before it is posted', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card(), { fresh: false });
  await until(() => run.types.includes('submitted'), 'it is submitted');
  const routes = stub.calls.map(({ route }) => route);
  const look = ['GET /queue', 'GET /history'];
  expect(routes.slice(0, 5)).toEqual([...look, ...look, 'POST /prompt']);
  expect(Number(stub.calls[2]?.at) - Number(stub.calls[1]?.at)).toBeGreaterThanOrEqual(SHORT.inFlightTimeoutMs);
  run.abort();
});

test.each(['pending', 'running', 'ended'] as const)(
  'a prompt that is known to be %s is adopted and not posted',
  async (where) => {
    const promptId = randomUUID();
    const { stub, comfyui } = await stubbed(keep, {}, quick);
    const place = records(stub, () => promptId);
    place[where]();
    const run = start(comfyui, card(), { promptId, fresh: false });
    await until(() => run.types.includes('adopted'), 'it is adopted');
    place.ended();
    await run.end;
    expect(run.events[0]).toEqual({ type: 'adopted', running: where === 'running' });
    expect(run.types).toEqual(['adopted', 'running', 'end']);
    expect(posted(stub)).toEqual([]);
  },
);

test('a prompt whose POST arrives late is adopted', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const promptId = randomUUID();
  stub.answers['GET /history'] = () => {
    // It arrives, and ends, right after it was looked for.
    records(stub, () => promptId).ended();
    return {};
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await run.end;
  expect(run.types[0]).toBe('adopted');
  expect(posted(stub)).toEqual([]);
});

test('the pending copy of a prompt that runs is deleted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const place = records(stub, () => promptId);
  place.running(1);
  stub.answers['POST /queue'] = ({ response }) => {
    place.running();
    response.end();
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('POST /queue') > 0, 'the copy is deleted');
  expect(stub.calls.find(({ route }) => route === 'POST /queue')?.json).toEqual({ delete: [promptId] });
  place.ended();
  await run.end;
  expect(stub.count('POST /queue')).toBe(1);
  expect(stub.count('POST /interrupt')).toBe(0);
});

test('of two pending copies one is deleted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const place = records(stub, () => promptId);
  place.pending(2);
  stub.answers['POST /queue'] = ({ response }) => {
    place.pending(1);
    response.end();
  };
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('POST /queue') > 0, 'the copy is deleted');
  place.ended();
  await run.end;
  expect(stub.count('POST /queue')).toBe(1);
});

test('a second execution of a prompt that has ended is interrupted', async () => {
  const promptId = randomUUID();
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  records(stub, () => promptId).ended();
  stub.answers['GET /queue'] = () => ({ queue_running: [queued(promptId)], queue_pending: [] });
  await start(comfyui, card(), { promptId, fresh: false }).end;
  expect(stub.calls.find(({ route }) => route === 'POST /interrupt')?.json).toEqual({ prompt_id: promptId });
});

test('what beforeSubmit throws ends the run, unsent', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const beforeSubmit = async () => {
    throw new Error('Someone else has it now');
  };
  await expect(start(comfyui, card(), { beforeSubmit }).end).rejects.toThrow('Someone else has it now');
  expect(posted(stub)).toEqual([]);
});

test('a refused prompt is not sent again', async () => {
  const error = { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '', extra_info: {} };
  const refuse: Answer = ({ response }) => void response.writeHead(400).end(JSON.stringify({ error, node_errors: {} }));
  const { stub, comfyui } = await stubbed(keep, { 'POST /prompt': refuse });
  const run = start(comfyui, card());
  await expect(run.end).rejects.toBeInstanceOf(PromptRefusedError);
  expect(run.types).toEqual([]);
  expect(posted(stub)).toHaveLength(1);
});

test.each<[string, Answer]>([
  ['is cut', ({ response }) => void response.destroy()],
  ['is a 500', fail500],
  ['is a page of HTML', ({ response }) => void response.end('<html></html>')],
])('a POST that was heard and whose answer %s is not repeated', async (_, answer) => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = await heard(stub, comfyui, answer);
  expect(run.types).toEqual(['unreachable', 'reachable', 'submitted', 'running', 'end']);
});

test('a POST that was heard and whose answer does not come is not repeated', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { ...quick.timings, requestTimeoutMs: 300 } });
  const { types } = await heard(stub, comfyui, () => undefined);
  expect(types.slice(0, 2)).toEqual(['unreachable', 'reachable']);
  // Where the machine stands still for so long, another answer comes too late as well.
  expect(types.filter((type) => !type.endsWith('reachable'))).toEqual(['submitted', 'running', 'end']);
});

/** Runs a prompt whose POST is heard and answered so. */
async function heard(stub: StubServer, comfyui: ComfyUI, answer: Answer): Promise<Started> {
  const run = start(comfyui, card());
  const place = records(stub, () => run.promptId);
  stub.answers['POST /prompt'] = (call) => {
    place.pending();
    return answer(call);
  };
  await until(() => run.types.includes('submitted'), 'it is found');
  place.ended();
  await run.end;
  expect(posted(stub)).toEqual([run.promptId]);
  return run;
}

test('a POST that was not heard is repeated under the same id, after the caller agreed again', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const { 'POST /prompt': accept } = stub.answers;
  stub.answers['POST /prompt'] = (call) => {
    if (accept) stub.answers['POST /prompt'] = accept;
    call.response.destroy();
  };
  let asked = 0;
  const beforeSubmit = async () => void asked++;
  const run = start(comfyui, card(), { beforeSubmit });
  await until(() => run.types.includes('submitted'), 'it is submitted');
  expect(posted(stub)).toEqual([run.promptId, run.promptId]);
  expect(asked).toBe(2);
  const between = stub.calls.slice(1, -1).map(({ route }) => route);
  expect(between.filter((route) => route === 'GET /history').length).toBeGreaterThanOrEqual(2);
  run.abort();
});

test('an outage is told once when it begins and once when it is over, however long it takes', async () => {
  const stub = await startStub();
  await stub.close();
  const comfyui = keep(new ComfyUI({ url: stub.url, ...quick }));
  const run = start(comfyui, card());
  await until(() => run.types.includes('unreachable'), 'the outage is told');
  const back = keep(await startStub({}, Number(new URL(stub.url).port)));
  await until(() => run.types.includes('submitted'), 'it is submitted');
  back.answers['GET /queue'] = fail500;
  await until(() => run.types.length > 3 && run.types.at(-1) === 'unreachable', 'another outage is told');
  records(back, () => run.promptId).ended();
  await run.end;
  expect(run.types).toEqual(['unreachable', 'reachable', 'submitted', 'unreachable', 'reachable', 'running', 'end']);
  expect(run.events[0]).toEqual({ type: 'unreachable', reason: 'POST /prompt failed: ECONNREFUSED' });
  expect(posted(back)).toEqual([run.promptId]);
});

test('a prompt that is seen in neither place twice, as far apart as a POST takes to arrive, is lost', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const place = records(stub, () => run.promptId);
  place.running();
  await until(() => run.types.includes('running'), 'it runs');
  const looks = stub.count('GET /history');
  place.nowhere();
  const error = await run.end.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(PromptLostError);
  expect(error).toMatchObject({ promptId: run.promptId, succeeded: false });
  const after = stub.calls.filter(({ route }) => route === 'GET /history').slice(looks);
  expect(Number(after.at(-1)?.at) - Number(after[0]?.at)).toBeGreaterThanOrEqual(SHORT.inFlightTimeoutMs);
});

test('answers that say nothing are never taken for a loss', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  const place = records(stub, () => run.promptId);
  place.running();
  await until(() => run.types.includes('running'), 'it runs');
  // It is missed once, and from then on no answer says anything.
  const isMissed = new Promise<void>((resolve) => {
    stub.answers['GET /queue'] = () => {
      place.nowhere();
      stub.answers['GET /history'] = () => {
        stub.answers['GET /history'] = fail500;
        resolve();
        return {};
      };
      return { queue_running: [], queue_pending: [] };
    };
  });
  await isMissed;
  const begun = performance.now();
  for (const nothing of [fail500, () => null, () => [], () => ({ another: {} })]) {
    stub.answers['GET /history'] = nothing;
    const before = stub.count('GET /history');
    await until(() => stub.count('GET /history') > before + 1, 'it was looked for');
  }
  await until(() => performance.now() - begun > 2 * SHORT.inFlightTimeoutMs, 'the time for a loss is over');
  place.ended();
  expect((await run.end).outcome).toBe('success');
});

test('a loss after the socket said success says so, for its outputs may still be there', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'it is submitted');
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
])('%s is a reason to look at once, and again until the history has it', async (type, data) => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  const place = records(stub, () => run.promptId);
  place.running();
  await until(() => run.types.includes('submitted'), 'it is submitted');
  stub.say(messageOf(run.promptId, type, data));
  await until(() => stub.count('GET /history') > 1, 'it was looked for more than once');
  place.ended();
  await run.end;
});

test('an error that only blocks a branch is no reason to look', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'it is submitted');
  stub.say(messageOf(run.promptId, 'execution_error', { node_id: '2', exception_type: 'ExecutionBlocked' }));
  await until(() => run.types.includes('running'), 'it is heard');
  expect(stub.count('GET /queue')).toBe(0);
  run.abort();
});

test('a socket that opens is a reason to look: something may have been said before', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { recheckIntervalMs: 3_600_000 } });
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'it is submitted');
  records(stub, () => run.promptId).ended();
  stub.sockets[0]?.socket.terminate();
  await run.end;
});

test('the last status message says what became of it, whatever the status says', async () => {
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

test('what is said about other prompts is not heard', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  records(stub, () => run.promptId).pending();
  await until(() => run.types.includes('submitted'), 'it is submitted');
  for (const type of ['execution_start', 'execution_success']) stub.say(messageOf('theirs', type, { timestamp: 1 }));
  stub.say(messageOf('theirs', 'executing', { node: '1', display_node: '1' }));
  stub.say(messageOf('theirs', 'executed', { node: '3', output: { images: [] } }));
  stub.sockets[0]?.socket.send(Buffer.from('0000000100000001ffd8ffe0', 'hex'));
  stub.say(messageOf(run.promptId, 'execution_start', { timestamp: 1 }));
  await until(() => run.types.includes('running'), 'ours is heard');
  expect(run.types).toEqual(['submitted', 'running']);
  run.abort();
});

test('what the socket says before the POST is answered is told after it', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const heard = comfyui.messages()[Symbol.asyncIterator]();
  const output = { images: [{ filename: 'a.png' }] };
  stub.answers['POST /prompt'] = async ({ json }) => {
    const promptId = String(json.prompt_id);
    stub.say(messageOf(promptId, 'execution_start', { timestamp: 1 }));
    stub.say(messageOf(promptId, 'executed', { node: '3', display_node: '3', output }));
    stub.say(status(0));
    while ((await heard.next()).value?.type !== 'status');
    stub.answers['GET /history'] = () => entry(promptId, ['execution_success', {}]);
    return { prompt_id: promptId, number: 1, node_errors: {} };
  };
  const run = start(comfyui, card());
  await run.end;
  expect(run.types.filter((type) => type !== 'progress')).toEqual(['submitted', 'running', 'executed', 'end']);
});

/** Reads a run by hand: one event at a time, when the test says so. */
function readSlowly(comfyui: ComfyUI, promptId: string, signal: AbortSignal) {
  const events = comfyui.run(card(), { promptId, signal, fresh: true })[Symbol.asyncIterator]();
  return async (): Promise<RunEvent> => {
    const { value, done } = await events.next();
    if (done) throw new Error('The run is over');
    return value;
  };
}

test('a reader that is slow finds the newest progress and preview, and every output', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const promptId = randomUUID();
  const next = readSlowly(comfyui, promptId, new AbortController().signal);
  expect(await next()).toEqual({ type: 'submitted' });
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
  records(stub, () => promptId).ended();

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

test('an abort throws its reason at once, even while the caller makes up its mind', async () => {
  const { comfyui } = await stubbed(keep);
  const undecided = start(comfyui, card(), { beforeSubmit: () => new Promise(() => undefined) });
  undecided.abort('enough');
  await expect(undecided.end).rejects.toBe('enough');
  const controller = new AbortController();
  controller.abort('before it began');
  await expect(readSlowly(comfyui, randomUUID(), controller.signal)()).rejects.toBe('before it began');
});

test.each(['breaking out of the loop', 'aborting'])(
  '%s leaves the prompt to ComfyUI, and no listener behind',
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
    const looks = stub.count('GET /queue');
    await comfyui.systemStats().catch(() => undefined);
    await until(() => stub.calls.at(-1)?.route === 'GET /system_stats', 'another look would have come');
    expect(stub.count('GET /queue')).toBeLessThanOrEqual(looks + 1);
    expect(stub.count('POST /interrupt') + stub.count('POST /queue')).toBe(0);
  },
);

test('closing the client ends its runs with an error', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const run = start(comfyui, card());
  records(stub, () => run.promptId).running();
  await until(() => run.types.includes('running'), 'it runs');
  await comfyui.close();
  const error = await run.end.catch((error: unknown) => error);
  expect(error).toMatchObject({ name: 'ComfyUIError', message: 'This client has been closed' });
  expect(error).not.toBeInstanceOf(UnreachableError);
});

test('progress goes on from where someone left it', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, quick);
  const first = start(comfyui, card());
  const place = records(stub, () => first.promptId);
  place.running();
  await until(() => first.types.includes('submitted'), 'it is submitted');
  const finished = { value: 1, max: 1, state: 'finished', node_id: '1', display_node_id: '1' };
  stub.say(messageOf(first.promptId, 'progress_state', { nodes: { '1': finished } }));
  await until(() => first.types.includes('progress'), 'it went on');
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
