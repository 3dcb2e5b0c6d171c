/** Idempotency keys: the same key with the same input is one generation, for any number of requests and replicas. */
import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../../src/simulator/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, clientOf, post, signUp } from '../../support/client.js';
import {
  becomes,
  codeOf,
  comesToRest,
  create,
  dataOf,
  filesOf,
  list,
  losesModel,
  QUICK,
  remove,
  SMALL,
  storedFiles,
  tryCreate,
} from '../support.js';

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ timings: QUICK });
});
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const key = () => ({ idempotencyKey: randomUUID() });

const pictureOf = async (client: Client): Promise<string> =>
  String((await becomes(client, (await create(client)).id, 'COMPLETED')).result?.images[0]?.id);

test('a repeated request returns the same generation, in its present state', async () => {
  const request = key();
  const first = await create(alice, request);
  expect(await create(alice, request)).toMatchObject({ id: first.id, seed: first.seed });
  const end = await becomes(alice, first.id, 'COMPLETED');
  expect(await create(alice, request)).toEqual(end);
  expect((await list(alice)).ids).toEqual([first.id]);
});

test('requests without a key, or with different keys, create two generations', async () => {
  const ids = [await create(alice), await create(alice), await create(alice, key()), await create(alice, key())];
  expect(new Set(ids.map(({ id }) => id)).size).toBe(4);
});

test('the order of the inputs does not matter, and null is the same as absent', async () => {
  const request = key();
  const parameters = { steps: 2, width: 64, height: 64 };
  const { id } = await create(alice, { ...request, steps: null, width: null, height: null, parameters });
  const same = {
    parameters: { height: 64, width: 64, batchSize: null, steps: 2 },
    seed: null,
    prompt: SMALL.prompt,
    ...request,
  };
  expect((await dataOf(tryCreate(alice, same))).createGeneration.id).toBe(id);
});

test.each([
  ['a different prompt', { prompt: 'a valley' }],
  ['an additional seed', { seed: '1' }],
  ['a different parameter', { parameters: { guidance: 8 } }],
  ['a different priority', { priority: 1 }],
  ['an invalid input', { steps: 1_000 }],
])('a used key with a different input is a CONFLICT: %s', async (_, other) => {
  const request = key();
  const { id } = await create(alice, request);
  expect(await codeOf(tryCreate(alice, { ...SMALL, ...other, ...request }))).toBe('CONFLICT');
  expect((await list(alice)).ids).toEqual([id]);
});

test('a rejected request does not use its key', async () => {
  const request = key();
  expect(await codeOf(tryCreate(alice, { ...SMALL, steps: 1_000, ...request }))).toBe('BAD_USER_INPUT');
  await create(alice, request);
});

test('two users can use the same key', async () => {
  const request = key();
  const bob = await signUp(app.url);
  const { id } = await create(alice, request);
  expect((await create(bob, request)).id).not.toBe(id);
});

test('a deleted generation frees its key', async () => {
  const request = key();
  const { id } = await create(alice, request);
  await remove(alice, id);
  expect((await create(alice, { ...request, prompt: 'a valley' })).id).not.toBe(id);
});

test.each([
  ['one character', 'k'],
  ['255 emoji', '🔑'.repeat(255)],
  ['SQL', `'; drop table generations; --`],
])('%s is a valid key', async (_, idempotencyKey) => {
  const { id } = await create(alice, { idempotencyKey });
  expect((await create(alice, { idempotencyKey })).id).toBe(id);
});

test.each([
  ['an empty text', ''],
  ['256 characters', 'k'.repeat(256)],
  ['a NUL character', 'a\0b'],
  ['half a surrogate pair', 'a\ud800'],
])('%s is an invalid key', async (_, idempotencyKey) => {
  const { errors } = await tryCreate(alice, { ...SMALL, idempotencyKey });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'idempotencyKey' });
});

test('deeply nested parameters are BAD_USER_INPUT, also with a key', async () => {
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const query = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
  const input = `{"prompt": "x", "idempotencyKey": "k", "parameters": {"magic": ${nested}}}`;
  const answer = await post(app.url, `{"query": "${query}", "variables": {"input": ${input}}}`, alice.token);
  expect(((await answer.json()) as Answer).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('fifty concurrent requests with one key, at two servers, create one generation and no copy of its source', async () => {
  const other = await app.startAnother();
  try {
    const source = await pictureOf(alice);
    // The generations of earlier tests finish here, and keep their files.
    await comesToRest(app);
    const before = await storedFiles(app);
    app.simulator.hold();
    const request = { ...key(), source };
    const through = [alice, clientOf(other.url, alice.token)];
    const made = await Promise.all(Array.from({ length: 50 }, (_, nth) => create(through[nth % 2] ?? alice, request)));
    const [id, ...others] = new Set(made.map(({ id }) => id));
    expect(others).toEqual([]);
    expect((await list(alice)).totalCount).toBe(2);
    expect(await storedFiles(app)).toEqual(before);
    expect(await filesOf(app, String(id))).toHaveLength(1);
    app.simulator.release();
    await becomes(alice, String(id), 'COMPLETED');
  } finally {
    await other.close();
  }
});

test('a repeated request returns its generation although its model is gone by now', async () => {
  const own = await startTestApp({ timings: QUICK });
  let comes: Simulator | undefined;
  try {
    const client = await signUp(own.url);
    const request = { ...key(), model: 'dreamshaper-8' };
    const { id } = await becomes(client, (await create(client, request)).id, 'COMPLETED');
    comes = await losesModel(own, client, 'dreamshaper-8', ['sdxl-base-1.0.safetensors']);
    expect(await create(client, request)).toMatchObject({ id, status: 'COMPLETED' });
  } finally {
    await own.close();
    await comes?.close();
  }
});
