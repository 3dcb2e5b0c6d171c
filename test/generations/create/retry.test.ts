/** retryGeneration creates a generation with the input of a final one; validation and limits apply as to any other. */
import type { Simulator } from '../../../src/simulator/index.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  followAll,
  list,
  losesModel,
  QUICK,
  read,
  remove,
  type Snapshot,
  sql,
} from '../support.js';

let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { MAX_QUEUED_PER_USER: '3' }, timings: QUICK });
});
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const RETRY = `mutation ($id: ID!, $seed: Seed) {
  retryGeneration(id: $id, seed: $seed) { id status attempt seed parameters prompt model { name } retryOf { id status } }
}`;
type Retried = Snapshot & { prompt: string; retryOf: { id: string; status: string } | null };

const tryRetry = (client: Client, id: string, seed?: unknown): Promise<Answer> => client.ask(RETRY, { id, seed });
const retry = async (client: Client, id: string, seed?: unknown): Promise<Retried> =>
  (await dataOf(tryRetry(client, id, seed))).retryGeneration;

const retryOf = async (id: string): Promise<unknown> =>
  (await dataOf(alice.ask('query ($id: ID!) { generation(id: $id) { retryOf { id } } }', { id }))).generation.retryOf;

const completed = async (input = {}) => await becomes(alice, (await create(alice, input)).id, 'COMPLETED');

async function failed(): Promise<Snapshot> {
  app.simulator.at('node', 'fail');
  return await becomes(alice, (await create(alice, { seed: '18446744073709551615' })).id, 'FAILED');
}

test('retrying a FAILED generation creates one with the same input and seed, which can succeed', async () => {
  const original = await failed();
  const again = await retry(alice, original.id);
  expect(again).toMatchObject({
    status: 'PENDING',
    attempt: 0,
    seed: original.seed,
    parameters: original.parameters,
    model: original.model,
    retryOf: { id: original.id, status: 'FAILED' },
  });
  expect(again.id).not.toBe(original.id);
  await becomes(alice, again.id, 'COMPLETED');
  expect(await read(alice, original.id)).toEqual(original);
});

test('a retry with another seed has the same input otherwise', async () => {
  const original = await completed();
  const again = await retry(alice, original.id, '18446744073709551614');
  expect(again).toMatchObject({
    seed: '18446744073709551614',
    parameters: { ...original.parameters, seed: '18446744073709551614' },
  });
});

test('retrying a generation that is not final is a CONFLICT', async () => {
  app.simulator.hold();
  const { id } = await create(alice);
  expect(await codeOf(tryRetry(alice, id))).toBe('CONFLICT');
  await becomes(alice, id, 'PROCESSING');
  expect(await codeOf(tryRetry(alice, id))).toBe('CONFLICT');
  expect((await list(alice)).totalCount).toBe(1);
});

test('a retry keeps the priority', async () => {
  const { id } = await completed({ priority: 7 });
  const again = await retry(alice, id);
  expect(await sql(app, 'select rank from generations where id = $1', [again.id])).toEqual([{ rank: -7 }]);
});

test('a retry keeps the source: the original and the source image can be deleted', async () => {
  const first = await completed();
  const original = await completed({ source: first.result?.images[0]?.id });
  await remove(alice, first.id);
  app.simulator.hold();
  const again = await retry(alice, original.id);
  expect(await filesOf(app, again.id)).toHaveLength(1);
  await remove(alice, original.id);
  await until(async () => (await filesOf(app, original.id)).length === 0, 'the files of the original to be gone');
  app.simulator.release();
  await becomes(alice, again.id, 'COMPLETED');
});

test('retryOf is null once the original is deleted, with or without its row', async () => {
  const { id } = await completed();
  const again = await retry(alice, id);
  expect(await retryOf(again.id)).toEqual({ id });
  await remove(alice, id);
  expect(await sql(app, 'select from generations where id = $1', [id])).toHaveLength(1);
  expect(await retryOf(again.id)).toBeNull();
  await becomes(alice, again.id, 'COMPLETED');
  await sql(app, 'delete from generations where id = $1', [id]);
  expect(await retryOf(again.id)).toBeNull();
});

test('retrying another user’s generation is FORBIDDEN, a deleted or unknown one NOT_FOUND', async () => {
  const { id } = await completed();
  const bob = await signUp(app.url);
  expect(await codeOf(tryRetry(bob, id))).toBe('FORBIDDEN');
  await remove(alice, id);
  expect(await codeOf(tryRetry(alice, id))).toBe('NOT_FOUND');
  expect(await codeOf(tryRetry(alice, 'nonsense'))).toBe('NOT_FOUND');
});

test('retries count towards the queue limit', async () => {
  const { id } = await completed();
  app.simulator.hold();
  const answers: Answer[] = await Promise.all(Array.from({ length: 20 }, () => tryRetry(alice, id)));
  const refused = new Set(answers.flatMap(({ errors }) => errors?.[0]?.extensions.code ?? []));
  expect(refused).toEqual(new Set(['QUOTA_EXCEEDED']));
});

test('watchers of the user receive a retry as CREATED', async () => {
  const { id } = await completed();
  const following = await followAll(app, alice);
  const again = await retry(alice, id);
  await until(
    () => following.seen.some(({ kind, id }) => kind === 'CREATED' && id === again.id),
    'the creation to be reported',
  );
  await following.leave();
});

test('an invalid seed is BAD_USER_INPUT', async () => {
  const { id } = await completed();
  expect(await codeOf(tryRetry(alice, id, '-1'))).toBe('BAD_USER_INPUT');
});

test('retrying a generation whose model is gone is BAD_USER_INPUT', async () => {
  const own = await startTestApp({ timings: QUICK });
  let comes: Simulator | undefined;
  try {
    const client = await signUp(own.url);
    const { id } = await becomes(client, (await create(client, { model: 'dreamshaper-8' })).id, 'COMPLETED');
    comes = await losesModel(own, client, 'dreamshaper-8', ['sdxl-base-1.0.safetensors']);
    const { errors } = await tryRetry(client, id);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'model' });
  } finally {
    await own.close();
    await comes?.close();
  }
});
