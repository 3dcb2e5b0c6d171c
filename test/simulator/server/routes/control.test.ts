import { until } from '../../../support/until.js';
import { call, card, closeAfterEach, listen, run, start, submit } from '../../support.js';

closeAfterEach();

test('faults are added and removed over HTTP', async () => {
  const simulator = await start();
  const action = { do: 'answer', status: 503, body: 'no' };
  await call(simulator, '/simulator/faults', { point: 'queue', action, times: null, where: { route: 'GET /queue' } });
  expect((await call(simulator, '/queue')).status).toBe(503);
  expect((await call(simulator, '/queue')).status).toBe(503);
  await call(simulator, '/simulator/heal', {});
  expect((await call(simulator, '/queue')).status).toBe(200);
});

test('execution is held, advanced and released over HTTP', async () => {
  const simulator = await start();
  const listener = await listen(simulator, 'me');
  await call(simulator, '/simulator/hold', {});
  const promptId = await submit(simulator, card(), { client_id: 'me' });
  await call(simulator, '/simulator/held', {});
  expect(listener.of('executed')).toEqual([]);
  await call(simulator, '/simulator/advance', { steps: 1 });
  await call(simulator, '/simulator/held', {});
  await call(simulator, '/simulator/release', {});
  await listener.hearsEnd(promptId);
});

test('the journal is read over HTTP', async () => {
  const simulator = await start();
  const promptId = '11111111-1111-4111-8111-111111111111';
  await run(simulator, card(), { prompt_id: promptId });
  await call(simulator, '/interrupt', {});
  expect((await call(simulator, '/simulator/journal')).body).toMatchObject({
    prompts: { [promptId]: { received: 1, executed: 1, succeeded: 1, failed: 0, interrupted: 0, deleted: 0 } },
    globalInterrupts: 1,
    requests: { 'POST /prompt': 1, 'POST /interrupt': 1 },
    restarts: 0,
  });
});

test('say, mute, evict and drop-sockets work over HTTP, and restart after its response', async () => {
  const simulator = await start();
  const promptId = await submit(simulator, card());
  await until(() => simulator.journal.prompt(promptId).succeeded === 1, 'the prompt to end');
  const listener = await listen(simulator, 'me');
  await call(simulator, '/simulator/say', { frame: 'hello', clientId: 'me' });
  await until(() => listener.frames.includes('hello'), 'the frame');
  await call(simulator, '/simulator/mute', {});
  await call(simulator, '/simulator/evict', { promptId });
  expect((await call(simulator, `/history/${promptId}`)).body).toEqual({});
  await call(simulator, '/simulator/drop-sockets', {});
  await until(() => listener.closed, 'the socket to be cut');
  expect((await call(simulator, '/simulator/restart', { downMs: 1 })).status).toBe(200);
  await until(() => simulator.journal.restarts === 1, 'the restart');
  await simulator.up();
  expect((await call(simulator, '/queue')).status).toBe(200);
});

test('unknown calls are rejected, and all calls when control is off', async () => {
  const simulator = await start();
  expect(await call(simulator, '/simulator/dance', {})).toMatchObject({
    status: 400,
    body: { error: expect.any(String) },
  });
  expect((await call(simulator, '/simulator/faults', { point: 'queue' })).status).toBe(400);
  const closed = await start({ control: false });
  expect((await call(closed, '/simulator/hold', {})).status).toBe(404);
});
