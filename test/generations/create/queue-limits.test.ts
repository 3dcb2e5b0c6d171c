/** Limits of waiting generations: exact, and each place in the queue is released once. */
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, signUp } from '../../support/client.js';
import {
  becomes,
  cancel,
  codeOf,
  comesToRest,
  create,
  isFinal,
  list,
  occupy,
  QUICK,
  remove,
  SMALL,
  sql,
  storedFiles,
  tryCreate,
} from '../support.js';

const LIMIT = 5;

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({
    env: { MAX_QUEUED_PER_USER: String(LIMIT), MAX_QUEUED: String(LIMIT * 4) },
    timings: QUICK,
  });
});
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(async () => {
  // Otherwise the waiting generations would be executed.
  await sql(app, `update generations set status = 'CANCELED', waiting = false, completed_at = now() where waiting`);
  app.simulator.heal();
  await comesToRest(app);
});
afterAll(() => app.close());

/** Fills ComfyUI: later generations wait. */
async function fillComfyUI(): Promise<void> {
  app.simulator.hold();
  await occupy(app, await signUp(app.url));
}

const fill = (count = LIMIT, client: Client = alice) =>
  Promise.all(Array.from({ length: count }, () => create(client)));

const tryMany = (count: number): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, () => tryCreate(alice, SMALL)));

const accepted = (answers: readonly Answer[]): number => answers.filter(({ errors }) => !errors).length;

test('a generation beyond the limit is QUOTA_EXCEEDED with limit, used and retryAfter, and is not created', async () => {
  await fillComfyUI();
  await fill();
  const { errors } = await tryCreate(alice, SMALL);
  expect(errors?.[0]?.message).toBe(`Queue limit reached: ${LIMIT} of ${LIMIT} generations are waiting`);
  expect(errors?.[0]?.extensions).toEqual({
    code: 'QUOTA_EXCEEDED',
    limit: LIMIT,
    used: LIMIT,
    retryAfter: expect.any(Number),
  });
  expect(errors?.[0]?.extensions.retryAfter).toBeGreaterThan(0);
  expect((await list(alice)).totalCount).toBe(LIMIT);
});

test('of a hundred concurrent requests for the last place, one is accepted', async () => {
  await fillComfyUI();
  await fill(LIMIT - 1);
  const answers = await tryMany(100);
  expect(accepted(answers)).toBe(1);
  expect(new Set(answers.flatMap(({ errors }) => errors?.[0]?.extensions.code ?? []))).toEqual(
    new Set(['QUOTA_EXCEEDED']),
  );
  expect((await list(alice)).totalCount).toBe(LIMIT);
});

test.each([
  ['canceled', (id: string) => Promise.all([cancel(alice, id), cancel(alice, id), cancel(alice, id)])],
  ['deleted', (id: string) => remove(alice, id)],
  ['canceled and then deleted', async (id: string) => [await cancel(alice, id), await remove(alice, id)]],
])('a generation that is %s releases its place once', async (_, end) => {
  await fillComfyUI();
  const [first] = await fill();
  await end(String(first?.id));
  expect(accepted(await tryMany(10))).toBe(1);
});

test('finished generations have released their places', async () => {
  const made = await fill();
  for (const { id } of made) expect(isFinal(await becomes(alice, id, 'COMPLETED'))).toBe(true);
  await fillComfyUI();
  expect(accepted(await tryMany(20))).toBe(LIMIT);
});

test('a repeated request with a key returns its generation although the queue is full', async () => {
  await fillComfyUI();
  const { id } = await create(alice, { idempotencyKey: 'before' });
  await fill(LIMIT - 1);
  expect((await create(alice, { idempotencyKey: 'before' })).id).toBe(id);
  expect(await codeOf(tryCreate(alice, { ...SMALL, idempotencyKey: 'after' }))).toBe('QUOTA_EXCEEDED');
});

test('a rejected request leaves no file', async () => {
  const end = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  await fillComfyUI();
  await fill();
  const before = await storedFiles(app);
  const source = end.result?.images[0]?.id;
  expect(await codeOf(tryCreate(alice, { ...SMALL, width: undefined, height: undefined, source }))).toBe(
    'QUOTA_EXCEEDED',
  );
  expect(await storedFiles(app)).toEqual(before);
});

test('each user has a limit of its own, and an admin has none, until the queue of the server is full', async () => {
  await fillComfyUI();
  await fill();
  const bob = await signUp(app.url);
  await fill(LIMIT, bob);
  await fill(LIMIT * 2, await signUp(app.url, ADMIN_EMAIL));
  const { errors } = await tryCreate(await signUp(app.url), SMALL);
  expect(errors?.[0]?.message).toContain('server');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED', limit: LIMIT * 4, used: LIMIT * 4 });
});
