import { until } from '../../support/until.js';
import { call, card, closeAfterEach, finished, listen, queue, start, submit, textToImage } from '../support.js';

closeAfterEach();

const checkpoints = ['stable-diffusion-1.5.safetensors'];

test('an interrupt during a step ends the prompt with execution_interrupted', async () => {
  const simulator = await start({ checkpoints });
  simulator.at('step', 'hold', { where: { step: 2 } });
  const promptId = await submit(simulator, textToImage());
  await simulator.held();
  expect(await call(simulator, '/interrupt', { prompt_id: promptId })).toMatchObject({ status: 200, text: '' });
  simulator.release();
  const { status, outputs } = await finished(simulator, promptId);
  expect(status).toMatchObject({ status_str: 'error', completed: false });
  expect(status.messages.at(-1)).toMatchObject(['execution_interrupted', { node_id: '3', node_type: 'KSampler' }]);
  expect(outputs).toEqual({});
  expect(simulator.journal.prompt(promptId)).toMatchObject({ executed: 1, interrupted: 1, succeeded: 0 });
  expect(simulator.journal.globalInterrupts).toBe(0);
});

test('an interrupt with the id of another prompt has no effect; without an id it ends the running prompt', async () => {
  const simulator = await start();
  simulator.hold();
  const running = await submit(simulator, card());
  const pending = await submit(simulator, card());
  await simulator.held();
  await call(simulator, '/interrupt', { prompt_id: pending });
  simulator.release();
  expect((await finished(simulator, running)).status.completed).toBe(true);

  for (const body of ['{}', '', '{"']) {
    simulator.hold();
    const next = await submit(simulator, card());
    await simulator.held();
    expect((await call(simulator, '/interrupt', body)).status).toBe(200);
    simulator.release();
    expect((await finished(simulator, next)).status.messages.at(-1)?.[0]).toBe('execution_interrupted');
  }
  expect(simulator.journal.globalInterrupts).toBe(3);
  expect((await call(simulator, '/interrupt', '[]')).status).toBe(500);
});

test('an interrupt between the queue and the start is lost', async () => {
  const simulator = await start();
  simulator.at('start', 'hold');
  const promptId = await submit(simulator, card());
  await simulator.held();
  expect((await queue(simulator)).queue_running[0]?.[1]).toBe(promptId);
  await call(simulator, '/interrupt', { prompt_id: promptId });
  simulator.release();
  expect((await finished(simulator, promptId)).status.completed).toBe(true);
});

test('an interrupt in a last node without steps is lost and does not affect the next prompt', async () => {
  const simulator = await start();
  simulator.at('output', 'hold');
  const promptId = await submit(simulator, card());
  await simulator.held();
  await call(simulator, '/interrupt', { prompt_id: promptId });
  simulator.release();
  expect((await finished(simulator, promptId)).status.completed).toBe(true);
  const next = await submit(simulator, card());
  expect((await finished(simulator, next)).status.completed).toBe(true);
});

test('the interrupt of a prompt without a client id is sent to all clients', async () => {
  const simulator = await start();
  const stranger = await listen(simulator);
  simulator.hold();
  const promptId = await submit(simulator, card());
  await simulator.held();
  await call(simulator, '/interrupt', { prompt_id: promptId });
  simulator.release();
  await stranger.hears('execution_interrupted');
  expect(stranger.of('execution_interrupted')).toMatchObject([{ prompt_id: promptId, node_id: '1' }]);
});

test('nodes that finished before the interrupt stay cached', async () => {
  const simulator = await start({ checkpoints });
  const graph = textToImage();
  simulator.at('step', 'hold', { where: { step: 1 } });
  const first = await submit(simulator, graph);
  await simulator.held();
  await call(simulator, '/interrupt', { prompt_id: first });
  simulator.release();
  await finished(simulator, first);
  const second = await submit(simulator, graph);
  const { status } = await finished(simulator, second);
  expect(status.messages[1]).toMatchObject(['execution_cached', { nodes: ['4', '5', '6', '7'] }]);
  await until(async () => (await queue(simulator)).queue_running.length === 0, 'the worker to be idle');
});
