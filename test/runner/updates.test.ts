/** Subscribers of every server receive the same events, whichever server does the work. */
import type { App } from '../../src/app.js';
import { becomes, create, follow, followAll, occupy, remove } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';

/** Turns off periodic reads: events come from notifications only. */
const NEVER_MS = 3_600_000;

let app: TestApp;
let second: App;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ timings: { recheckIntervalMs: NEVER_MS, progressIntervalMs: 20, previewIntervalMs: 50 } });
  second = await app.startAnother();
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(async () => {
  await second.close();
  await app.close();
});

test('subscribers of both servers receive progress and previews', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 20 });
  const watchers = [follow(app, alice, id), follow(second, alice, id)];
  const seenOf = (watcher: (typeof watchers)[0]) =>
    new Set(watcher.seen.map(({ progress }) => progress?.fraction)).size;
  // ComfyUI waits at each step until both subscribers have received progress.
  for (let step = 0; step < 5; step += 1) {
    const before = watchers.map(seenOf);
    await until(async () => {
      if (watchers.every((watcher, nth) => seenOf(watcher) > (before[nth] ?? 0))) return true;
      await app.simulator.advance();
    }, 'both subscribers to receive progress');
  }
  app.simulator.release();
  await Promise.all(watchers.map(({ ended }) => ended));
  for (const { seen } of watchers) {
    const fractions = seen.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
    expect(new Set(fractions).size).toBeGreaterThan(4);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(new Set(seen.flatMap(({ progress }) => progress?.previewUrl ?? [])).size).toBeGreaterThan(0);
    expect(seen.at(-1)?.status).toBe('COMPLETED');
  }
});

test('both servers serve a preview', async () => {
  app.simulator.at('step', 'hold', { skip: 3 });
  const { id } = await create(alice, { steps: 5 });
  const watching = follow(second, alice, id);
  const url = await until(
    () => watching.seen.findLast(({ progress }) => progress?.previewUrl)?.progress?.previewUrl,
    'a preview to be reported',
  );
  for (const server of [app, second]) {
    const answer = await fetch(server.url + url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  }
  // The preview may be of a step before the one that is held.
  await app.simulator.held();
  app.simulator.release();
  await becomes(alice, id, 'COMPLETED');
  await watching.ended;
});

test('a subscriber of the other server receives creation, changes and deletion', async () => {
  const all = await followAll(second, alice);
  const { id } = await create(alice);
  const kinds = () => all.seen.filter((change) => change.id === id).map(({ kind }) => kind);
  await becomes(alice, id, 'COMPLETED');
  // The deletion would overtake a change that is not read yet.
  await until(() => kinds().includes('UPDATED'), 'a change to be reported');
  await remove(alice, id);
  await until(() => kinds().at(-1) === 'DELETED', 'the deletion to be reported');
  expect(kinds()[0]).toBe('CREATED');
  await all.leave();
});

test('a subscriber of the other server receives falling queue positions', async () => {
  app.simulator.hold();
  await occupy(app, alice);
  const waiting = [await create(alice), await create(alice), await create(alice)];
  const watching = follow(second, alice, (waiting[2] as { id: string }).id);
  await until(() => watching.seen.length > 0, 'the first position');
  app.simulator.release();
  await watching.ended;
  const positions = watching.seen.flatMap(({ queuePosition }) => queuePosition ?? []);
  // Behind two others and the one in ComfyUI’s queue.
  expect(positions[0]).toBe(3);
  expect(positions).toEqual(positions.toSorted((a, b) => b - a));
});
