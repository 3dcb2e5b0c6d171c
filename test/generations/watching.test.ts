/** Watching one generation: the present at once, then every change, and the end as the last thing. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import {
  becomes,
  codeOf,
  create,
  type Following,
  follow,
  occupy,
  read,
  type Snapshot,
  sql,
  tryRead,
} from './support.js';

/** How many come while it is made. */
const MOMENTS = 12;

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const sees = ({ seen }: Following<Snapshot>, status: string) =>
  until(() => seen.at(-1)?.status === status, `${status} to be told`);

/** Revisions never fall; where they are equal, something else is newer. */
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

test('who comes late is told the end at once, and the stream completes', async () => {
  const end = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const watching = follow(app, alice, end.id);
  await watching.ended;
  expect(watching.seen).toEqual([end]);
});

test('two who watch the same are told the same, in order, and the end is the last thing they hear', async () => {
  app.simulator.hold();
  const { id } = await create(alice, { steps: 30 });
  const watchings = [follow(app, alice, id), follow(app, alice, id)];
  for (const watching of watchings) await sees(watching, 'PROCESSING');
  app.simulator.release();
  await Promise.all(watchings.map(({ ended }) => ended));
  const end = await read(alice, id);
  for (const { seen } of watchings) {
    expectInOrder(seen);
    expect(seen.at(-1)).toEqual(end);
    expect(seen.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
  }
});

test('whoever comes at whatever moment is told where it is, and its end', async () => {
  const { id } = await create(alice, { steps: 100 });
  const watchings: Following<Snapshot>[] = [];
  await until(async () => {
    const { status } = await read(alice, id);
    if (watchings.length < MOMENTS) watchings.push(follow(app, alice, id));
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

test('one of many leaves, and the others go on', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  const [leaves, ...stay] = [follow(app, alice, id), follow(app, alice, id), follow(app, alice, id)];
  for (const watching of [leaves as Following<Snapshot>, ...stay]) await sees(watching, 'PROCESSING');
  await leaves?.leave();
  app.simulator.release();
  await Promise.all(stay.map(({ ended }) => ended));
  for (const { seen } of stay) expect(seen.at(-1)?.status).toBe('COMPLETED');
  expect(leaves?.seen.at(-1)?.status).toBe('PROCESSING');
});

test('progress rises, stays below 1, and is told no faster than four times a second', async () => {
  const { id } = await create(alice, { steps: 150 });
  const watching = follow(app, alice, id);
  await watching.ended;
  expectInOrder(watching.seen);
  const progress = watching.seen.flatMap(({ progress }) => (progress ? [progress] : []));
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions.length).toBeGreaterThan(1);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(Math.max(...fractions)).toBeLessThan(1);
  const written = progress.map(({ updatedAt }) => Date.parse(updatedAt));
  // On a busy machine one may be late and the next is not: it is the rate that counts.
  const spanMs = Number(written.at(-1)) - Number(written[0]);
  expect(spanMs / (written.length - 1)).toBeGreaterThan(225);
});

test('the place in the queue counts down to 0 for who watches', async () => {
  app.simulator.hold();
  const [first] = await occupy(app, alice);
  const waits = [await create(alice), await create(alice), await create(alice)];
  const watchings = waits.map(({ id }) => follow(app, alice, id));
  for (const [index, { seen }] of watchings.entries())
    await until(() => seen.at(-1)?.queuePosition === index, `place ${index}`);
  app.simulator.release();
  await Promise.all(watchings.map(({ ended }) => ended));
  for (const { seen } of watchings) {
    expectInOrder(seen);
    const places = seen.flatMap(({ status, queuePosition }) => (status === 'PENDING' ? [Number(queuePosition)] : []));
    expect(places).toEqual(places.toSorted((a, b) => b - a));
    expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', queuePosition: null });
  }
  await becomes(alice, first.id, 'COMPLETED');
});

test('every preview frame has a URL of its own, also when the prompt is sent again', async () => {
  app.simulator.at('step', { do: 'wait', ms: 150 }, { times: Number.POSITIVE_INFINITY });
  app.simulator.at('step', 'restart', { skip: 18 });
  const { id } = await create(alice, { steps: 20 });
  const watching = follow(app, alice, id);
  const fetched = new Map<string, string>();
  const attempts = new Map<string, Set<number>>();
  await until(
    async () => {
      const last = watching.seen.at(-1);
      const url = last?.progress?.previewUrl;
      if (last && url) {
        attempts.set(url, (attempts.get(url) ?? new Set()).add(last.attempt));
        const answer = await fetch(app.url + url);
        if (answer.ok) fetched.set(url, String(answer.headers.get('content-type')));
      }
      return last?.status === 'COMPLETED';
    },
    'the end',
    40_000,
  );
  expect(fetched.size).toBeGreaterThan(2);
  expect(new Set(fetched.values())).toEqual(new Set(['image/jpeg']));
  expect([...attempts.values()].every((of) => of.size === 1)).toBe(true);
  expect(new Set([...attempts.values()].flatMap((of) => [...of]))).toEqual(new Set([1, 2]));
});

test('a change that nobody told of is found all the same', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  const watching = follow(app, alice, id);
  await sees(watching, 'PROCESSING');
  await sql(app, `update generations set revision = 77, updated_at = now() where id = $1`, [id]);
  await until(() => watching.seen.at(-1)?.revision === 77, 'the change that nobody told of');
  await sql(app, `update generations set deleted_at = now(), updated_at = now() where id = $1`, [id]);
  await watching.ended;
  expect(await codeOf(tryRead(alice, id))).toBe('NOT_FOUND');
});
