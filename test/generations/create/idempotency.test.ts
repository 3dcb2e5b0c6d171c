/** The same key with the same input is the same generation, however often and wherever it is asked for. */
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
  ownersOf,
  QUICK,
  remove,
  SMALL,
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

test('asking again answers with the same generation, as it is by then', async () => {
  const asked = key();
  const first = await create(alice, asked);
  expect(await create(alice, asked)).toMatchObject({ id: first.id, seed: first.seed });
  const end = await becomes(alice, first.id, 'COMPLETED');
  expect(await create(alice, asked)).toEqual(end);
  expect((await list(alice)).ids).toEqual([first.id]);
});

test('without a key, or with another one, there are two', async () => {
  const ids = [await create(alice), await create(alice), await create(alice, key()), await create(alice, key())];
  expect(new Set(ids.map(({ id }) => id)).size).toBe(4);
});

test('the order of the inputs, and whether one is null or left out, make no difference', async () => {
  const asked = key();
  const parameters = { steps: 2, width: 64, height: 64 };
  const { id } = await create(alice, { ...asked, steps: null, width: null, height: null, parameters });
  const same = {
    parameters: { height: 64, width: 64, batchSize: null, steps: 2 },
    seed: null,
    prompt: SMALL.prompt,
    ...asked,
  };
  expect((await dataOf(tryCreate(alice, same))).createGeneration.id).toBe(id);
});

test.each([
  ['another prompt', { prompt: 'a valley' }],
  ['a seed where there was none', { seed: '1' }],
  ['another parameter', { parameters: { guidance: 8 } }],
  ['another priority', { priority: 1 }],
  ['what would be refused', { steps: 1_000 }],
])('the key of something else is a CONFLICT: %s', async (_, other) => {
  const asked = key();
  const { id } = await create(alice, asked);
  expect(await codeOf(tryCreate(alice, { ...SMALL, ...other, ...asked }))).toBe('CONFLICT');
  expect((await list(alice)).ids).toEqual([id]);
});

test('what was refused has not used its key', async () => {
  const asked = key();
  expect(await codeOf(tryCreate(alice, { ...SMALL, steps: 1_000, ...asked }))).toBe('BAD_USER_INPUT');
  await create(alice, asked);
});

test('the keys of two users have nothing to do with each other', async () => {
  const asked = key();
  const bob = await signUp(app.url);
  const { id } = await create(alice, asked);
  expect((await create(bob, asked)).id).not.toBe(id);
});

test('a deleted generation frees its key', async () => {
  const asked = key();
  const { id } = await create(alice, asked);
  await remove(alice, id);
  expect((await create(alice, { ...asked, prompt: 'a valley' })).id).not.toBe(id);
});

test.each([
  ['one character', 'k'],
  ['255 emoji', '🔑'.repeat(255)],
  ['SQL', `'; drop table generations; --`],
])('%s is a key', async (_, idempotencyKey) => {
  const { id } = await create(alice, { idempotencyKey });
  expect((await create(alice, { idempotencyKey })).id).toBe(id);
});

test.each([
  ['an empty text', ''],
  ['256 characters', 'k'.repeat(256)],
  ['a NUL character', 'a\0b'],
  ['half a surrogate pair', 'a\ud800'],
])('%s is no key', async (_, idempotencyKey) => {
  const { errors } = await tryCreate(alice, { ...SMALL, idempotencyKey });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'idempotencyKey' });
});

test('parameters that are nested without end are refused, with a key too', async () => {
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const query = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
  const input = `{"prompt": "x", "idempotencyKey": "k", "parameters": {"magic": ${nested}}}`;
  const answer = await post(app.url, `{"query": "${query}", "variables": {"input": ${input}}}`, alice.token);
  expect(((await answer.json()) as Answer).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('fifty who ask at once for the same, of two servers, are answered with one, and one copy of its source', async () => {
  const other = await app.startAnother();
  try {
    const source = await pictureOf(alice);
    // What the tests before have asked for is made meanwhile, and its files are kept.
    await comesToRest(app);
    const before = await ownersOf(app);
    app.simulator.hold();
    const asked = { ...key(), source };
    const through = [alice, clientOf(other.url, alice.token)];
    const made = await Promise.all(Array.from({ length: 50 }, (_, nth) => create(through[nth % 2] ?? alice, asked)));
    const [id, ...others] = new Set(made.map(({ id }) => id));
    expect(others).toEqual([]);
    expect((await list(alice)).totalCount).toBe(2);
    expect((await ownersOf(app)).filter((owner) => !before.includes(owner))).toEqual([id]);
    expect(await filesOf(app, String(id))).toHaveLength(1);
    app.simulator.release();
    await becomes(alice, String(id), 'COMPLETED');
  } finally {
    await other.close();
  }
});

test('what was accepted once is answered also when it would be refused by now, for its model is gone', async () => {
  const own = await startTestApp({ timings: QUICK });
  let comes: Simulator | undefined;
  try {
    const client = await signUp(own.url);
    const asked = { ...key(), model: 'dreamshaper-8' };
    const { id } = await becomes(client, (await create(client, asked)).id, 'COMPLETED');
    comes = await losesModel(own, client, 'dreamshaper-8', ['sdxl-base-1.0.safetensors']);
    expect(await create(client, asked)).toMatchObject({ id, status: 'COMPLETED' });
  } finally {
    await own.close();
    await comes?.close();
  }
});
