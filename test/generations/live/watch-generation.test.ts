/** generationUpdated: the present state at once, then every change, and the end as the last event. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  codeOf,
  create,
  type Following,
  follow,
  occupy,
  QUICK,
  read,
  type Snapshot,
  sql,
  tryRead,
} from '../support.js';

/** How many watchers subscribe while the image is made. */
const WATCHERS = 12;
const INTERVAL_MS = 100;
/** Timers may fire a fraction of a millisecond early. */
const LEAST_INTERVAL_MS = INTERVAL_MS - 1;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({
    simulator: { previewSize: 64 },
    timings: {
      ...QUICK,
      // Longer than between two frames, so that no frame of the second attempt shares an interval with one of the first.
      promptRetryDelayMs: INTERVAL_MS,
      progressIntervalMs: INTERVAL_MS,
      previewIntervalMs: INTERVAL_MS,
      positionsIntervalMs: INTERVAL_MS,
      recheckIntervalMs: 200,
    },
  });
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const reports = ({ seen }: Following<Snapshot>, status: string) =>
  until(() => seen.at(-1)?.status === status, `${status} to be reported`);

/** Revisions never fall; at equal revisions the progress or the queue position is newer. */
function expectInOrder(seen: Snapshot[]): void {
  for (const [index, now] of seen.entries()) {
    const before = seen[index - 1];
    if (!before) continue;
    expect(now.revision).toBeGreaterThanOrEqual(before.revision);
    if (now.revision > before.revision || now.queuePosition !== before.queuePosition) continue;
    expect(now.progress).not.toBeNull();
    expect(String(now.progress?.updatedAt) > String(before.progress?.updatedAt ?? '')).toBe(true);
  }
}

test('a late subscriber receives the end at once, and the stream completes', async () => {
  const end = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const watching = follow(app, alice, end.id);
  await watching.ended;
  expect(watching.seen).toEqual([end]);
});

test('two subscribers to a generation receive its changes in order, and its end as the last event', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 30 });
  const watchings = [follow(app, alice, id), follow(app, alice, id)];
  for (const watching of watchings) await reports(watching, 'PROCESSING');
  app.simulator.release();
  await Promise.all(watchings.map(({ ended }) => ended));
  const end = await read(alice, id);
  for (const { seen } of watchings) {
    expectInOrder(seen);
    expect(seen.at(-1)).toEqual(end);
    expect(seen.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
  }
});

test('a subscriber at any moment receives the present state and the end', async () => {
  const { id } = await create(alice, { steps: 60 });
  const watchings: Following<Snapshot>[] = [];
  await until(async () => {
    const { status } = await read(alice, id);
    if (watchings.length < WATCHERS) watchings.push(follow(app, alice, id));
    return status === 'COMPLETED';
  }, 'the end');
  watchings.push(follow(app, alice, id));
  await Promise.all(watchings.map(({ ended }) => ended));
  const end = await read(alice, id);
  for (const { seen } of watchings) {
    expectInOrder(seen);
    expect(seen.at(-1)).toEqual(end);
    expect(seen.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
  }
});

test('one subscriber leaves, and the other streams continue', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  const [leaves, ...stay] = [follow(app, alice, id), follow(app, alice, id), follow(app, alice, id)];
  for (const watching of [leaves as Following<Snapshot>, ...stay]) await reports(watching, 'PROCESSING');
  await leaves?.leave();
  app.simulator.release();
  await Promise.all(stay.map(({ ended }) => ended));
  for (const { seen } of stay) expect(seen.at(-1)?.status).toBe('COMPLETED');
  expect(leaves?.seen.at(-1)?.status).toBe('PROCESSING');
});

test('progress increases, stays below 1, and is reported at most once per interval', async () => {
  app.simulator.at('step', 'hold');
  const beganAt = performance.now();
  const { id } = await create(alice, { steps: 60 });
  const watching = follow(app, alice, id);
  // However slow the reports are, they show more than one step.
  const shown = () => new Set(watching.seen.flatMap(({ progress }) => progress?.fraction ?? [])).size;
  await until(async () => {
    if (shown() > 1) return true;
    await app.simulator.advance();
  }, 'the progress of two steps');
  app.simulator.release();
  await watching.ended;
  const intervals = (performance.now() - beganAt) / LEAST_INTERVAL_MS;
  expectInOrder(watching.seen);
  const progress = watching.seen.flatMap(({ progress }) => (progress ? [progress] : []));
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions.length).toBeGreaterThan(1);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(Math.max(...fractions)).toBeLessThan(1);
  expect(new Set(progress.map(({ updatedAt }) => updatedAt)).size).toBeLessThanOrEqual(1 + intervals);
});

test('a subscriber sees the queue position count down to 0', async () => {
  app.simulator.hold();
  const [first, inComfyui] = await occupy(app, alice);
  const waiting = [inComfyui, await create(alice), await create(alice), await create(alice)];
  const watchings = waiting.map(({ id }) => follow(app, alice, id));
  for (const [index, { seen }] of watchings.entries())
    await until(() => seen.at(-1)?.queuePosition === index, `position ${index}`);
  app.simulator.release();
  await Promise.all(watchings.map(({ ended }) => ended));
  for (const { seen } of watchings) {
    expectInOrder(seen);
    const positions = seen.flatMap(({ queuePosition }) => queuePosition ?? []);
    expect(positions).toEqual(positions.toSorted((a, b) => b - a));
    expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', queuePosition: null });
  }
  await becomes(alice, first.id, 'COMPLETED');
});

test('each preview frame has a URL of its own, also over two attempts', async () => {
  app.simulator.at('step', 'hold');
  const { id } = await create(alice, { steps: 8 });
  const watching = follow(app, alice, id);
  const urlsOf = (attempt: number) =>
    watching.seen.flatMap(({ attempt: of, progress }) => (of === attempt && progress?.previewUrl) || []);
  const types: (string | null)[] = [];
  for (const attempt of [1, 2]) {
    for (const count of [1, 2]) {
      await app.simulator.advance();
      await until(() => new Set(urlsOf(attempt)).size === count, `preview ${count} of attempt ${attempt}`);
      const answer = await fetch(app.url + urlsOf(attempt).at(-1));
      if (answer.ok) types.push(answer.headers.get('content-type'));
    }
    if (attempt === 2) break;
    await app.simulator.down();
    app.simulator.release();
    app.simulator.at('step', 'hold');
    await app.simulator.up();
  }
  app.simulator.release();
  await watching.ended;
  expect(watching.seen.at(-1)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(types).toEqual(['image/jpeg', 'image/jpeg', 'image/jpeg', 'image/jpeg']);
  expect(urlsOf(1).filter((url) => urlsOf(2).includes(url))).toEqual([]);
});

test('a change without a hint is found by polling', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  // Its start is the last change before the simulator is released.
  await until(() => watching.seen.at(-1)?.startedAt, 'its start to be reported');
  await sql(app, `update generations set revision = 77, updated_at = now() where id = $1`, [id]);
  await until(() => watching.seen.at(-1)?.revision === 77, 'the change without a hint');
  await sql(app, `update generations set deleted_at = now(), updated_at = now() where id = $1`, [id]);
  await watching.ended;
  expect(await codeOf(tryRead(alice, id))).toBe('NOT_FOUND');
});
