/**
 * A backend that goes away with jobs: after a minute its jobs run elsewhere if they can, and each has exactly one result.
 *
 * @slow: waits until ComfyUIs count as away.
 */
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js';
import { becomes, create, promptsOf, queueOf, read, settles, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { allOnline } from '../support/backends.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { cut, drain, executedBy, homeOf, isCheckedAgain, isLongOffline, isSeen, nameOf, OFTEN } from './pool.js';

let app: TestApp;
let alice: Client;
let admin: Client;
const startPool = async (simulator: SimulatorOptions[]) => {
  app = await startTestApp({ simulator, timings: OFTEN });
  alice = await signUp(app.url);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(alice);
  for (const each of app.simulators) each.hold();
};
const having = (...names: string[]) => ({ checkpoints: names.map((name) => `${name}.safetensors`) });
afterEach(async () => {
  for (const simulator of app.simulators) simulator.heal();
  await app.close();
});

/** Fills one backend, so that the next jobs go to the other. */
async function fill(simulator: Simulator, model: string): Promise<string[]> {
  const made = [await create(alice, { model }), await create(alice, { model })];
  for (const { id } of made) expect((await homeOf(app, id))[0]).toBe(simulator);
  return made.map(({ id }) => id);
}

test('a job of a backend that dies runs on another, as the second attempt', async () => {
  await startPool([{}, {}]);
  const { id } = await create(alice);
  const [home, other] = (await homeOf(app, id)) as [Simulator, Simulator];
  await home.down();
  await isLongOffline(app, alice, home);
  other.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  expect(other.journal.snapshot().prompts[String((await promptsOf(app, id))[1])]).toMatchObject({ succeeded: 1 });
  await home.up();
  await settles(app, id);
});

test('a job that moves to another backend shows no preview of the first one, and keeps its own when that is back', async () => {
  app = await startTestApp({ simulator: [{}, {}], timings: OFTEN });
  alice = await signUp(app.url);
  await allOnline(alice);
  for (const each of app.simulators) each.at('step', 'hold');
  const { id } = await create(alice, { steps: 8 });
  const [home, other] = (await homeOf(app, id)) as [Simulator, Simulator];
  const preview = async () => (await read(alice, id)).progress?.previewUrl ?? null;
  await home.held();
  await home.advance();
  await until(preview, 'a preview of the first backend');
  const comesBack = cut(home);
  await isLongOffline(app, alice, home);
  await other.held();
  await until(async () => (await read(alice, id)).attempt === 2, 'the second attempt');
  expect(await preview()).toBeNull();
  await other.advance();
  await until(preview, 'a preview of the second backend');
  comesBack();
  await until(() => home.journal.requests('POST /interrupt') > 0, 'the first prompt to be interrupted');
  home.release();
  const [first] = await promptsOf(app, id);
  await until(
    async () => (await sql(app, 'select from prompts where id = $1 and ended_at is not null', [first])).length > 0,
    'the first prompt to end',
  );
  expect(await preview()).not.toBeNull();
  other.release();
  await becomes(alice, id, 'COMPLETED');
  await settles(app, id);
});

test('running and pending prompts that another backend has completed are removed from a backend that comes back', async () => {
  await startPool([having('a'), having('a')]);
  const made = [];
  // Two on each backend: one is running, one is pending.
  for (let nth = 0; nth < 4; nth += 1) made.push((await create(alice, { model: 'a' })).id);
  const homes = await Promise.all(made.map(async (id) => (await homeOf(app, id))[0]));
  const [home, other] = app.simulators as [Simulator, Simulator];
  const moved = made.filter((_, nth) => homes[nth] === home);
  expect(moved).toHaveLength(2);
  const left = await Promise.all(moved.map(async (id) => String((await promptsOf(app, id))[0])));
  const comesBack = cut(home);
  await isLongOffline(app, alice, home);
  other.release();
  for (const id of moved) expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  const ends = await Promise.all(moved.map((id) => read(alice, id)));
  const before = home.journal.requests('POST /interrupt');
  comesBack();
  await until(
    async () => home.journal.requests('POST /interrupt') > before && (await queueOf(home)).pending.length === 0,
    'the running prompt to be interrupted, and the pending one to be dequeued',
  );
  home.release();
  for (const id of moved) await settles(app, id);
  expect(await queueOf(home)).toEqual({ running: [], pending: [] });
  const { prompts } = home.journal.snapshot();
  for (const promptId of left) expect(prompts[promptId]).toMatchObject({ received: 1, succeeded: 0 });
  expect(await Promise.all(moved.map((id) => read(alice, id)))).toEqual(ends);
  for (const id of moved) expect(await sql(app, 'select from results where generation_id = $1', [id])).toHaveLength(1);
});

test('a job whose backend is back before another has a free slot resumes there, as the first attempt', async () => {
  await startPool([having('a', 'b'), having('b')]);
  const [home, other] = app.simulators as [Simulator, Simulator];
  const a = [await create(alice, { model: 'a' })];
  await homeOf(app, String(a[0]?.id));
  const filling = await fill(other, 'b');
  const { id } = await create(alice, { model: 'b' });
  expect((await homeOf(app, id))[0]).toBe(home);
  const comesBack = cut(home);
  await isLongOffline(app, alice, home);
  await until(
    async () =>
      (await sql(app, 'select from prompts where generation_id = $1 and abandoned_at is not null', [id])).length > 0,
    'the job to be abandoned',
  );
  expect(await read(alice, id)).toMatchObject({ status: 'PROCESSING', attempt: 1, startedAt: null });
  comesBack();
  home.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  other.release();
  for (const each of filling) await becomes(alice, each, 'COMPLETED');
  expect(await executedBy(app, id)).toEqual([1, 0]);
});

test('a job that only the absent backend can run waits for it, and resumes as the first attempt', async () => {
  await startPool([having('a', 'b'), having('b')]);
  const [home, other] = app.simulators as [Simulator, Simulator];
  const stays = await create(alice, { model: 'a' });
  await homeOf(app, stays.id);
  const filling = await fill(other, 'b');
  const goes = await create(alice, { model: 'b' });
  expect((await homeOf(app, goes.id))[0]).toBe(home);
  const comesBack = cut(home);
  await isLongOffline(app, alice, home);
  other.release();
  // The other backend runs what it can.
  expect(await becomes(alice, goes.id, 'COMPLETED')).toMatchObject({ attempt: 2 });
  expect(await read(alice, stays.id)).toMatchObject({ attempt: 1, completedAt: null });
  expect(await promptsOf(app, stays.id)).toHaveLength(1);
  comesBack();
  home.release();
  expect(await becomes(alice, stays.id, 'COMPLETED')).toMatchObject({ attempt: 1 });
  expect(await executedBy(app, stays.id)).toEqual([1, 0]);
  for (const id of filling) await becomes(alice, id, 'COMPLETED');
  await isSeen(app, alice, home, 'ONLINE');
});

test('a job is not moved to a drained backend', async () => {
  await startPool([having('a'), having('a')]);
  const { id } = await create(alice, { model: 'a' });
  const [home, other] = (await homeOf(app, id)) as [Simulator, Simulator];
  await drain(admin, nameOf(app, other));
  await isSeen(app, alice, other, 'DRAINING');
  // The dispatcher learns it from the next check.
  await isCheckedAgain(app, alice, other);
  const comesBack = cut(home);
  await isLongOffline(app, alice, home);
  // Longer than the search for jobs that can run elsewhere takes.
  await isCheckedAgain(app, alice, other);
  expect(await sql(app, 'select abandoned_at from prompts')).toEqual([{ abandoned_at: null }]);
  comesBack();
  home.release();
  expect(await becomes(alice, id, 'COMPLETED')).toMatchObject({ attempt: 1 });
});
