import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Simulator } from '../../../src/simulator/index.js';
import { until } from '../../support/until.js';
import {
  call,
  card,
  closeAfterEach,
  entry,
  finished,
  listen,
  queue,
  run,
  start,
  submit,
  textToImage,
} from '../support.js';

closeAfterEach();

const checkpoints = ['stable-diffusion-1.5.safetensors'];
const always = { times: Number.POSITIVE_INFINITY };

const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => false,
    () => true,
  );

describe('faults at POST /prompt', () => {
  test('a reset before queueing leaves no prompt, a reset after it leaves the prompt', async () => {
    const simulator = await start();
    simulator.at('prompt:before', 'reset');
    expect(await fails(call(simulator, '/prompt', { prompt: card(), prompt_id: 'before' }))).toBe(true);
    simulator.at('prompt:after', 'reset');
    expect(await fails(call(simulator, '/prompt', { prompt: card(), prompt_id: 'after' }))).toBe(true);
    await finished(simulator, 'after');
    expect(simulator.journal.prompt('before')).toMatchObject({ received: 0, executed: 0 });
    expect(simulator.journal.prompt('after')).toMatchObject({ received: 1, executed: 1 });
    expect(simulator.journal.requests('POST /prompt')).toBe(2);
  });

  test('a hanging request still queues its prompt', async () => {
    const simulator = await start();
    simulator.at('prompt:after', 'hang');
    const answer = fetch(`${simulator.url}/prompt`, {
      method: 'POST',
      body: JSON.stringify({ prompt: card(), prompt_id: 'x' }),
      signal: AbortSignal.timeout(30_000),
    });
    const hung = fails(answer);
    await finished(simulator, 'x');
    await simulator.close();
    expect(await hung).toBe(true);
  });

  test('a fault with `times` affects that many requests of its route and no other route', async () => {
    const simulator = await start();
    simulator.at('prompt:before', { do: 'answer', status: 503, type: 'text/html', body: '<h1>No</h1>' }, { times: 2 });
    const status = async () => (await call(simulator, '/prompt', { prompt: card() })).status;
    expect((await call(simulator, '/queue')).status).toBe(200);
    expect([await status(), await status(), await status()]).toEqual([503, 503, 200]);
  });
});

describe('invalid responses', () => {
  test.each([
    ['500 as text', { do: 'answer', status: 500, type: 'text/plain', body: 'Server got itself in trouble' }],
    ['HTML', { do: 'answer', type: 'text/html', body: '<html>' }],
    ['truncated JSON', { do: 'answer', body: '{"queue_running": [[0,' }],
    ['NaN', { do: 'answer', body: '{"queue_running": [NaN]}' }],
  ] as const)('%s, of one route', async (_name, action) => {
    const simulator = await start();
    simulator.at('request', action, { where: { route: 'GET /queue' } });
    expect((await call(simulator, '/system_stats')).status).toBe(200);
    expect((await call(simulator, '/queue')).text).toBe(action.body);
    expect(await queue(simulator)).toEqual({ queue_running: [], queue_pending: [] });
  });

  test('a flood sends an endless body', async () => {
    const simulator = await start();
    simulator.at('queue', { do: 'flood', bytes: 10 ** 12 });
    const { body } = await fetch(`${simulator.url}/queue`);
    let read = 0;
    for await (const chunk of body ?? []) {
      read += (chunk as Uint8Array).length;
      if (read > 10 ** 7) break;
    }
    expect(read).toBeGreaterThan(10 ** 7);
  });

  test('responses can be delayed', async () => {
    const simulator = await start();
    let isHeld = true;
    simulator.at('history', { do: 'call', run: () => until(() => !isHeld, 'the test to release it') });
    const answer = call(simulator, '/history/x');
    expect((await call(simulator, '/queue')).status).toBe(200);
    isHeld = false;
    expect((await answer).body).toEqual({});
    simulator.at('history', { do: 'wait', ms: 1 }, always);
    expect((await call(simulator, '/history/x')).body).toEqual({});
  });
});

describe('faults during execution', () => {
  test('a node fails with the requested exception', async () => {
    const simulator = await start();
    simulator.at(
      'node',
      { do: 'fail', type: 'ValueError', message: 'bad luck' },
      { where: { classType: 'SaveImage' } },
    );
    const { status } = await run(simulator, card());
    expect(status.messages.at(-1)).toMatchObject([
      'execution_error',
      { node_id: '3', exception_type: 'ValueError', exception_message: 'bad luck\n', executed: ['1'] },
    ]);
  });

  test('an out-of-memory error contains a tip, and the next prompt runs', async () => {
    const simulator = await start({ checkpoints });
    simulator.at('step', { do: 'fail', type: 'torch.OutOfMemoryError', message: 'Allocation failed' });
    const graph = textToImage();
    const { status } = await run(simulator, graph);
    expect(status.messages.at(-1)?.[1]).toMatchObject({
      exception_message: expect.stringMatching(/^Allocation failed\nThis error means you ran out of memory/),
    });
    expect((await run(simulator, graph)).status.completed).toBe(true);
  });

  test('after the worker died, HTTP still responds and the prompt stays running', async () => {
    const simulator = await start({ checkpoints });
    simulator.at('step', 'die', { where: { step: 2 } });
    const listener = await listen(simulator, 'me');
    const promptId = await submit(simulator, textToImage(), { client_id: 'me' });
    await listener.hears('progress');
    const next = await submit(simulator, card());
    const { queue_running, queue_pending } = await queue(simulator);
    expect([queue_running[0]?.[1], queue_pending[0]?.[1]]).toEqual([promptId, next]);
    await call(simulator, '/interrupt', { prompt_id: promptId });
    expect(await entry(simulator, promptId)).toBeUndefined();
  });

  test('execution is held and advances step by step', async () => {
    const simulator = await start({ checkpoints });
    const listener = await listen(simulator, 'me');
    simulator.hold();
    const promptId = await submit(simulator, textToImage({ steps: 3 }), { client_id: 'me' });
    // Nodes 4, 5, 7, 6 and 3, and then two steps.
    await simulator.advance(7);
    await simulator.held();
    await listener.hears('progress', 2);
    expect(listener.of('progress')).toHaveLength(2);
    simulator.release();
    await finished(simulator, promptId);
  });
});

describe('faults of output files', () => {
  const saved = { where: { type: 'output' } };

  async function view(simulator: Simulator, item: unknown): Promise<string> {
    return (await call(simulator, `/view?${new URLSearchParams(item as Record<string, string>)}`)).text;
  }

  test.each([
    ['nothing', ''],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
  ])('a saved file can be replaced by %s', async (_name, body) => {
    const simulator = await start();
    simulator.at('output', { do: 'write', body }, saved);
    const { outputs } = await run(simulator, card());
    expect(await view(simulator, outputs['3']?.images?.[0])).toBe(body);
  });

  test('a file can be reported outside the folder, or not at all', async () => {
    const simulator = await start();
    simulator.at('output', { do: 'name', filename: '../../x.png', subfolder: '../..' });
    expect((await run(simulator, card())).outputs['3']).toEqual({
      images: [{ filename: '../../x.png', subfolder: '../..', type: 'output' }],
    });
    simulator.at('output', 'omit');
    const { status, outputs } = await run(simulator, card());
    expect([status.completed, outputs['3']]).toEqual([true, { images: [] }]);
  });

  test('a download is cut halfway', async () => {
    const simulator = await start();
    const content = 'x'.repeat(100_000);
    await writeFile(join(simulator.directory, 'output', 'a.txt'), content);
    simulator.at('view:half', 'reset');
    expect(await fails(call(simulator, '/view?filename=a.txt'))).toBe(true);
    expect((await call(simulator, '/view?filename=a.txt')).text).toBe(content);
  });

  test('faults run before, halfway through and after a download', async () => {
    const simulator = await start();
    await writeFile(join(simulator.directory, 'output', 'a.txt'), 'content');
    const passed: string[] = [];
    for (const point of ['view:before', 'view:half', 'view:after'] as const) {
      simulator.at(point, { do: 'call', run: () => passed.push(point) });
    }
    expect((await call(simulator, '/view?filename=a.txt')).text).toBe('content');
    await until(() => passed.length === 3, 'the last point');
    expect(passed).toEqual(['view:before', 'view:half', 'view:after']);
  });
});

describe('faults of sockets', () => {
  test('the last message of a prompt is omitted, the others are sent', async () => {
    const simulator = await start();
    const type = ['execution_success', 'execution_error', 'execution_interrupted'];
    const heal = simulator.at('message', 'omit', { ...always, where: { type } });
    const listener = await listen(simulator, 'me');
    const promptId = await submit(simulator, card(), { client_id: 'me' });
    await listener.hearsEnd(promptId);
    expect(listener.types()).toContain('executed');
    expect(listener.types()).not.toContain('execution_success');
    heal();
    await listener.hearsEnd(await submit(simulator, card(), { client_id: 'me' }));
    expect(listener.types()).toContain('execution_success');
  });

  test('messages are repeated, swapped and mixed with garbage', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    simulator.at('message', 'repeat', { where: { type: 'execution_start' } });
    simulator.at('message', 'swap', { where: { type: 'executed' } });
    simulator.at('message', { do: 'insert', frame: '{"half' }, { where: { type: 'execution_cached' } });
    const promptId = await submit(simulator, card(), { client_id: 'me' });
    await listener.hearsEnd(promptId);
    const shown = listener.frames.map((frame) =>
      String(frame).startsWith('{"type') ? JSON.parse(String(frame)).type : frame,
    );
    expect(shown.filter((type) => type === 'execution_start')).toHaveLength(2);
    expect(shown[shown.indexOf('execution_cached') - 1]).toBe('{"half');
    expect(shown.slice(shown.indexOf('executed') - 1, shown.indexOf('executed') + 2)).toEqual([
      'progress_state',
      'executed',
      'execution_success',
    ]);
  });

  test('all messages are swapped in pairs and none is lost', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    const heal = simulator.at('message', 'swap', always);
    for (const frame of ['1', '2', '3', '4', '5']) simulator.say(frame, 'me');
    await until(() => listener.frames.length === 5, 'four of them');
    heal();
    simulator.say('6', 'me');
    await until(() => listener.frames.length === 7, 'all');
    expect(listener.frames.slice(1)).toEqual(['2', '1', '4', '3', '6', '5']);
  });

  test('a delayed message delays all others', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    simulator.at('message', 'hold', { where: { type: 'execution_start' } });
    const promptId = await submit(simulator, card(), { client_id: 'me' });
    await simulator.held();
    await listener.hears('status', 3);
    expect(listener.types()).toEqual(['status', 'status', 'status']);
    simulator.release();
    await listener.hearsEnd(promptId);
  });

  test('muted sockets stay open and answer pings, but get no messages', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    const unmute = simulator.mute();
    await run(simulator, card(), { client_id: 'me' });
    const pong = new Promise((resolve) => listener.socket.once('pong', resolve));
    listener.socket.ping();
    await pong;
    expect(listener.types()).toEqual(['status']);
    unmute();
    await listener.hearsEnd(await submit(simulator, card(), { client_id: 'me' }));
  });

  test('frozen sockets stay open and do not answer pings', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    const thaw = simulator.freeze();
    let pongs = 0;
    listener.socket.on('pong', () => {
      pongs += 1;
    });
    listener.socket.ping();
    await run(simulator, card(), { client_id: 'me' });
    expect([pongs, listener.types(), listener.closed]).toEqual([0, ['status'], false]);
    thaw();
    await until(() => pongs === 1, 'the pong');
  });

  test('dropped sockets can reconnect', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    simulator.dropSockets();
    await until(() => listener.closed, 'the socket to be cut');
    await listen(simulator, 'me');
  });

  test('upgrades are refused as often as requested', async () => {
    const simulator = await start();
    simulator.at('request', 'reset', { where: { route: 'GET /ws' } });
    const refused = new WebSocket(`${simulator.url.replace('http', 'ws')}/ws`);
    expect(await new Promise((resolve) => refused.once('error', () => resolve('refused')))).toBe('refused');
    await listen(simulator);
  });

  test('arbitrary frames are sent', async () => {
    const simulator = await start();
    const listener = await listen(simulator, 'me');
    simulator.say('{"type":"crystools.monitor","data":{}}', 'me');
    simulator.say(Buffer.alloc(1024));
    await until(() => listener.frames.length === 3, 'both frames');
    expect(listener.types()).toContain('crystools.monitor');
    expect(listener.frames[2]).toEqual(Buffer.alloc(1024));
  });
});

describe('restarts', () => {
  test('a restart loses queue, running prompt, history, counter, cache and temporary files, and keeps outputs and the address', async () => {
    const simulator = await start();
    const graph = { ...card({ prefix: 'kept' }), '4': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } } };
    const done = await run(simulator, graph);
    const preview = new URLSearchParams(done.outputs['4']?.images?.[0] as Record<string, string>);
    const url = simulator.url;
    const listener = await listen(simulator, 'me');
    simulator.hold();
    const running = await submit(simulator, card());
    const pending = await submit(simulator, card());
    await simulator.held();

    await simulator.restart();
    simulator.release();
    await until(() => listener.closed, 'the socket to be cut');
    expect(simulator.url).toBe(url);
    expect(await queue(simulator)).toEqual({ queue_running: [], queue_pending: [] });
    expect((await call(simulator, '/history')).body).toEqual({});
    expect((await call(simulator, `/view?${preview}`)).status).toBe(404);
    expect((await call(simulator, '/view?filename=kept_00001_.png')).status).toBe(200);
    const again = await call(simulator, '/prompt', { prompt: graph });
    expect(again.body.number).toBe(0);
    const { status } = await finished(simulator, String(again.body.prompt_id));
    expect(status.messages[1]).toMatchObject(['execution_cached', { nodes: [] }]);
    expect(simulator.journal.prompt(running)).toMatchObject({ received: 1, executed: 1, succeeded: 0 });
    expect(simulator.journal.prompt(pending)).toMatchObject({ received: 1, executed: 0 });
    expect(simulator.journal.restarts).toBe(1);
  });

  test('a restart at any point of a run loses the prompt unless it is in the history', async () => {
    const simulator = await start({ checkpoints });
    for (const [count, point] of (['start', 'node', 'step', 'success'] as const).entries()) {
      simulator.at(point, 'restart');
      const promptId = await submit(simulator, textToImage());
      await until(() => simulator.journal.restarts === count + 1, `the restart at ${point}`);
      await simulator.up();
      expect(await entry(simulator, promptId)).toBeUndefined();
      expect(simulator.journal.prompt(promptId).received).toBe(1);
    }
  });

  test('the simulator refuses connections while it is down, until it is started again', async () => {
    const simulator = await start();
    await simulator.down();
    expect(await fails(call(simulator, '/queue'))).toBe(true);
    await simulator.up();
    expect((await call(simulator, '/queue')).status).toBe(200);
    await simulator.restart({ downMs: 1 });
    expect((await call(simulator, '/queue')).status).toBe(200);
  });

  test('a start that finds its port in use is rejected, and the next one succeeds', async () => {
    const simulator = await start();
    await simulator.down();
    const other = createServer().listen(Number(new URL(simulator.url).port), '127.0.0.1');
    await once(other, 'listening');
    await expect(simulator.up()).rejects.toThrow('EADDRINUSE');
    other.close();
    await once(other, 'close');
    await simulator.up();
    expect((await call(simulator, '/queue')).status).toBe(200);
  });

  test('a call action can await the restart', async () => {
    const simulator = await start();
    simulator.at('node', { do: 'call', run: () => simulator.restart() });
    await submit(simulator, card());
    await until(() => simulator.journal.restarts === 1, 'the restart');
    await simulator.up();
    expect((await run(simulator, card())).status.completed).toBe(true);
  });

  test('closing twice closes once, even while execution is held', async () => {
    const simulator = await start();
    simulator.hold();
    await submit(simulator, card());
    await simulator.held();
    await Promise.all([simulator.close(), simulator.close()]);
    expect(await fails(call(simulator, '/queue'))).toBe(true);
  });
});

test('one history entry or all are evicted', async () => {
  const simulator = await start();
  const [a, b] = [await submit(simulator, card()), await submit(simulator, card())];
  await finished(simulator, b);
  simulator.evict(a);
  expect(Object.keys((await call(simulator, '/history')).body)).toEqual([b]);
  simulator.evict();
  expect((await call(simulator, '/history')).body).toEqual({});
});

test('a fault respects `skip` and `where`', async () => {
  const simulator = await start();
  const answer = { do: 'answer', status: 500, body: '' } as const;
  simulator.at('history', answer, { skip: 1, where: { promptId: ['a', 'b'] } });
  const status = async (id: string) => (await call(simulator, `/history/${id}`)).status;
  expect([await status('c'), await status('a'), await status('c'), await status('b'), await status('b')]).toEqual([
    200, 200, 200, 500, 200,
  ]);
  const heal = simulator.at('history', answer, always);
  expect(await status('c')).toBe(500);
  heal();
  expect(await status('c')).toBe(200);
  simulator.at('history', answer, always);
  simulator.heal();
  expect(await status('c')).toBe(200);
});
