/** A job that was running when its holders crashed runs alone in its process, until it makes progress. */
import { becomes, create, journalOf, read, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';

let app: TestApp;
let alice: Client;
beforeEach(async () => {
  app = await startTestApp({
    simulator: { previews: false },
    timings: {
      heartbeatIntervalMs: 200,
      sweepIntervalMs: 100,
      progressIntervalMs: 20,
      comfyui: { recheckIntervalMs: 200 },
    },
  });
  alice = await signUp(app.url);
});
afterEach(async () => {
  app.simulator.heal();
  await app.close();
});

/** Simulates a crash of the holder: the prompt names a process that does not exist. */
const loseHolder = async (id: string, crashes: number) => {
  await sql(
    app,
    `with g as (update generations set crashes = $2, fence = fence + 1 where id = $1)
     update prompts set holder = 1, fence = fence + 1 where generation_id = $1`,
    [id, crashes],
  );
};
const stateOf = async (id: string) =>
  (
    await sql<{ crashes: number; fence: number; waiting: boolean }>(
      app,
      'select crashes, fence, waiting from generations where id = $1',
      [id],
    )
  )[0];

test('other jobs wait while a suspect runs, until it makes progress', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 10 });
  await until(async () => (await read(alice, id)).startedAt, 'the generation to start');
  await loseHolder(id, 1);
  await until(async () => (await stateOf(id))?.crashes === 2, 'the crash to be counted');
  const other = await create(alice);
  await until(async () => (await stateOf(id))?.fence === 3, 'the job to be taken over');
  expect(await stateOf(other.id)).toMatchObject({ waiting: true });
  expect((await read(alice, other.id)).status).toBe('PENDING');
  app.simulator.at('step', 'hold', { where: { step: 5 } });
  app.simulator.release();
  await until(async () => (await stateOf(id))?.crashes === 0, 'the crashes to be reset');
  await app.simulator.held();
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  await becomes(alice, other.id, 'COMPLETED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1 });
});

test('a generation with too many crashes is FAILED, and the next one runs', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 10 });
  await until(async () => (await read(alice, id)).startedAt, 'the generation to start');
  await loseHolder(id, 4);
  const end = await becomes(alice, id, 'FAILED');
  expect(end).toMatchObject({ attempt: 1, failure: { code: 'INTERNAL', retryable: false } });
  app.simulator.release();
  await becomes(alice, (await create(alice)).id, 'COMPLETED');
});

test('a generation with too many crashes that ComfyUI has finished meanwhile is saved', async () => {
  // The holder does not learn of the end until it has lost the job.
  app.simulator.hold();
  const { id } = await create(alice);
  await until(async () => (await read(alice, id)).startedAt, 'the generation to start');
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  app.simulator.at('history', { do: 'call', run: () => promise }, { times: Number.POSITIVE_INFINITY });
  app.simulator.release();
  await until(async () => (await journalOf(app, id)).succeeded === 1, 'ComfyUI to finish the prompt');
  await loseHolder(id, 4);
  await until(async () => (await stateOf(id))?.fence === 3, 'the job to be taken over');
  answer();
  await becomes(alice, id, 'COMPLETED');
  expect(await journalOf(app, id)).toMatchObject({ received: 1, executed: 1 });
});
