/**
 * A suspect runs alone, but neither it nor other jobs wait for a ComfyUI that is away.
 *
 * @slow: waits until jobs of a crashed process move.
 */
import type { Simulator } from '../../src/simulator/index.js';
import { homeOf, isSeen, OFTEN } from '../backends/pool.js';
import { becomes, create, read, settles, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';

const having = (...names: string[]) => ({ previews: false, checkpoints: names.map((name) => `${name}.safetensors`) });

let app: TestApp;
let alice: Client;
let goes: Simulator;
let stays: Simulator;
beforeEach(async () => {
  app = await startTestApp({ simulator: [having('a'), having('b')], timings: OFTEN });
  [goes, stays] = app.simulators as [Simulator, Simulator];
  alice = await signUp(app.url);
  await allOnline(alice);
  for (const simulator of app.simulators) simulator.hold();
});
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

async function createHeld(model: string): Promise<string> {
  const { id } = await create(alice, { model });
  await homeOf(app, id);
  await until(async () => (await read(alice, id)).startedAt, 'the generation to start');
  return id;
}

/** Simulates two crashes over the job. Resolves when a process holds it again. */
async function makeSuspect(id: string): Promise<void> {
  await sql(app, 'update generations set crashes = 1, fence = fence + 1 where id = $1', [id]);
  const [row] = await sql<{ fence: number }>(
    app,
    'update prompts set holder = 1, fence = fence + 1 where generation_id = $1 returning fence',
    [id],
  );
  await until(async () => {
    const [now] = await sql<{ fence: number }>(app, 'select fence from prompts where generation_id = $1', [id]);
    return Number(now?.fence) > Number(row?.fence);
  }, 'the job to be taken over');
}

async function goAway(): Promise<void> {
  await goes.down();
  await isSeen(app, alice, goes, 'OFFLINE');
}

test('while the ComfyUI of a suspect is away, other jobs run on another one', async () => {
  const suspect = await createHeld('a');
  await makeSuspect(suspect);
  await goAway();
  stays.release();
  await becomes(alice, (await create(alice, { model: 'b' })).id, 'COMPLETED');
  await goes.up();
  goes.release();
  await becomes(alice, suspect, 'COMPLETED');
});

test('a suspect runs although another job waits for a ComfyUI that is away', async () => {
  const suspect = await createHeld('b');
  const waits = await createHeld('a');
  await goAway();
  await makeSuspect(suspect);
  stays.release();
  await becomes(alice, suspect, 'COMPLETED');
  await settles(app, suspect);
  await goes.up();
  goes.release();
  await becomes(alice, waits, 'COMPLETED');
});
