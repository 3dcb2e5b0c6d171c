/** Canceling and deleting many generations by their ids. */
import { randomUUID } from 'node:crypto';
import type { App } from '../../src/app.js';
import { type ListeningProxy, startListeningProxy } from '../api/listening-proxy.js';
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { copyGenerations } from '../support/rows.js';
import { until } from '../support/until.js';
import {
  becomes,
  codeOf,
  create,
  dataOf,
  filesOf,
  finishes,
  follow,
  interrupting,
  reaches,
  read,
  tryRead,
} from './support.js';

type Outcome = {
  generationId: string;
  generation: { id: string; status: string } | null;
  error: { code: string; message: string } | null;
};
const DETAILS = '{ generationId generation { id status } error { code message } }';
const CANCEL = `mutation ($ids: [ID!]!) { cancelGenerations(ids: $ids) ${DETAILS} }`;
const DELETE = `mutation ($ids: [ID!]!) { deleteGenerations(ids: $ids) ${DETAILS} }`;

let app: TestApp;
let proxy: ListeningProxy;
/** On the same database, through the proxy. */
let listened: App;
let alice: Client & { id: string };
let bob: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp();
  proxy = await startListeningProxy(app.database.url);
  listened = await startConfigured({ ...app.env, DATABASE_URL: proxy.url });
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
});
afterAll(async () => {
  await listened?.close();
  await proxy?.close();
  await app?.close();
});

const cancelAll = async (ids: string[], client: Client = alice): Promise<Outcome[]> =>
  (await dataOf(client.ask(CANCEL, { ids }))).cancelGenerations;
const deleteAll = async (ids: string[], client: Client = alice): Promise<Outcome[]> =>
  (await dataOf(client.ask(DELETE, { ids }))).deleteGenerations;
const codesOf = (outcomes: Outcome[]) => outcomes.map(({ error }) => error?.code ?? null);

test('canceling answers each id in its order, and a bad one does not stop the others', async () => {
  app.simulator.hold();
  const running = await create(alice);
  await reaches(app, running.id, 'running');
  const waiting = await create(alice);
  const foreign = await create(bob);
  const unknown = randomUUID();
  const ids = ['nonsense', waiting.id, foreign.id, running.id.toUpperCase(), unknown, waiting.id];
  const outcomes = await interrupting(app, () => cancelAll(ids));
  expect(outcomes.map(({ generationId }) => generationId)).toEqual(ids);
  expect(codesOf(outcomes)).toEqual(['NOT_FOUND', null, 'FORBIDDEN', null, 'NOT_FOUND', null]);
  expect(outcomes.map(({ generation }) => generation?.id ?? null)).toEqual([
    ...[null, waiting.id, null],
    ...[running.id, null, waiting.id],
  ]);
  expect((await read(bob, foreign.id)).status).not.toMatch(/^CANCEL/);
  await becomes(alice, waiting.id, 'CANCELED');
  app.simulator.release();
  await becomes(alice, running.id, 'CANCELED');
  await becomes(bob, foreign.id, 'COMPLETED');
});

test('canceling leaves a final generation as it is', async () => {
  const { id, revision } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const [outcome] = await cancelAll([id]);
  expect(outcome).toEqual({ generationId: id, generation: { id, status: 'COMPLETED' }, error: null });
  expect((await read(alice, id)).revision).toBe(revision);
});

test('deleting answers each id, ends watchers, and removes the files', async () => {
  const done = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  app.simulator.hold();
  const running = await create(alice);
  await becomes(alice, running.id, 'PROCESSING');
  const foreign = await create(bob);
  const watcher = follow(app, alice, running.id);
  await until(() => watcher.seen.length > 0, 'the watcher to see the generation');
  const outcomes = await deleteAll([done.id, foreign.id, running.id, done.id, '']);
  expect(codesOf(outcomes)).toEqual([null, 'FORBIDDEN', null, null, 'NOT_FOUND']);
  expect(outcomes.every(({ generation }) => generation === null)).toBe(true);
  for (const { id } of [done, running]) expect(await codeOf(tryRead(alice, id))).toBe('NOT_FOUND');
  expect((await fetch(app.url + String(done.result?.images[0]?.url))).status).toBe(404);
  await watcher.ended;
  app.simulator.release();
  await finishes(bob, foreign.id);
  expect(codesOf(await deleteAll([done.id, running.id]))).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  await until(async () => (await filesOf(app, done.id)).length === 0, 'the files to be removed');
});

/** Copies of a generation that no backend has, and that seem to run. */
async function copies(count: number): Promise<string[]> {
  const original = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const rows = Array.from({ length: count }, () => ({ id: randomUUID(), status: 'PROCESSING', completed_at: null }));
  await copyGenerations(app.database.url, original.id, rows);
  return rows.map(({ id }) => id);
}

test('ten concurrent deletions of the same hundred delete each of them once', async () => {
  const ids = await copies(100);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => deleteAll(index % 2 ? ids : ids.toReversed())),
  );
  const deleted = answers.flat().filter(({ error }) => error === null);
  expect(deleted.map(({ generationId }) => generationId).sort()).toEqual(ids.toSorted());
});

test('101 ids are BAD_USER_INPUT, and nothing happens', async () => {
  const { id } = await create(alice);
  const ids = [id, ...Array.from({ length: 100 }, () => randomUUID())];
  for (const document of [CANCEL, DELETE]) expect(await codeOf(alice.ask(document, { ids }))).toBe('BAD_USER_INPUT');
  await becomes(alice, id, 'COMPLETED');
});

test('an empty list has no outcomes', async () => {
  expect([await cancelAll([]), await deleteAll([])]).toEqual([[], []]);
});

test('a hundred ids take as many statements as one', async () => {
  const client = clientOf(listened.url, alice.token);
  // The server's own loops change and read generations, too.
  const isOfRequest = (sql: string) => /order by id for no key update|as "negativePrompt"/.test(sql);
  const counted: number[] = [];
  for (const count of [1, 100]) {
    const ids = await copies(count);
    for (const act of [cancelAll, deleteAll]) {
      proxy.statements.length = 0;
      expect(codesOf(await act(ids, client))).toEqual(ids.map(() => null));
      counted.push(proxy.statements.filter(isOfRequest).length);
    }
  }
  // The rows, the change, and for a cancel the rows as they are then; beside that of the session.
  expect(counted).toEqual([3, 2, 3, 2]);
});
