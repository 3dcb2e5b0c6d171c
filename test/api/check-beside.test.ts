/**
 * Reads begin beside the check of their session: nothing is answered before the check has said yes, and after a no every answer is the same. A
 * lock on the sessions keeps the check waiting.
 */
import type { App } from '../../src/app.js';
import { becomes, create } from '../generations/support.js';
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Client, post, signUp } from '../support/client.js';
import { lockTable, type TableLock } from '../support/table-lock.js';
import { until } from '../support/until.js';
import { type ListeningProxy, startListeningProxy } from './listening-proxy.js';

let first: TestApp;
let proxy: ListeningProxy;
/** On the same database, through the proxy. */
let app: App;
let alice: Client & { id: string };
let bob: Client & { id: string };
let id: string;
beforeAll(async () => {
  first = await startTestApp();
  [alice, bob] = await Promise.all([signUp(first.url), signUp(first.url)]);
  ({ id } = await create(alice));
  await becomes(alice, id, 'COMPLETED');
  proxy = await startListeningProxy(first.database.url);
  app = await startConfigured({ ...first.env, DATABASE_URL: proxy.url });
});
let held: TableLock | undefined;
afterEach(() => held?.close());
afterAll(async () => {
  await app?.close();
  await proxy?.close();
  await first?.close();
});

/** Sends a request whose check waits. */
async function askWhileLocked(query: string, token: string | undefined) {
  const lock = await lockTable(first.database.url, 'sessions');
  held = lock;
  proxy.statements.length = 0;
  let isAnswered = false;
  const answer = post(app.url, { query }, token).then(async (response) => {
    isAnswered = true;
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: await response.json(),
    };
  });
  await lock.isWaitedFor();
  return { lock, answer, isAnswered: () => isAnswered };
}

const isPage = (sql: string) => /from generations g[\s\S]*order by g\.created_at/.test(sql);

test('a page is read while the check waits, and answered only when it has said yes', async () => {
  const { lock, answer, isAnswered } = await askWhileLocked('{ generations { nodes { id } } }', alice.token);
  await until(() => proxy.statements.some(isPage), 'the page to be read');
  expect(isAnswered()).toBe(false);
  await lock.open();
  expect(await answer).toEqual({
    status: 200,
    challenge: null,
    body: { data: { generations: { nodes: [{ id }] } } },
  });
});

test('a mutation and a query with other fields begin only after the check', async () => {
  for (const query of [
    `mutation { deleteGeneration(id: "01890000-0000-7000-8000-000000000000") }`,
    '{ generations { nodes { id } } models { name } }',
  ]) {
    const { lock, answer } = await askWhileLocked(query, alice.token);
    expect(
      proxy.statements.filter((sql) => isPage(sql) || /^\s*select[\s\S]*(where g\.id = \$1|from models\b)/.test(sql)),
    ).toEqual([]);
    await lock.open();
    expect((await answer).status).toBe(200);
  }
});

test.each<[what: string, query: () => string]>([
  ['a page', () => '{ generations { nodes { id } totalCount } }'],
  ['a search', () => '{ generations(filter: { search: "x" }) { nodes { id } } }'],
  ['an invalid page', () => '{ generations(first: 0) { nodes { id } } }'],
  ['a generation of the user', () => `{ generation(id: "${id}") { id } }`],
  ['an unknown generation', () => '{ generation(id: "01890000-0000-7000-8000-000000000000") { id } }'],
  ['a malformed id', () => '{ generation(id: "x") { id } }'],
  ['a node', () => `{ node(id: "${id}") { id } }`],
  ['a node with a malformed id', () => '{ node(id: "x") { id } }'],
  ['the viewer', () => '{ viewer { id } }'],
  ['a field that waits for the check', () => '{ models { name } }'],
  ['invalid variables', () => 'query ($id: ID!) { generation(id: $id) { id } }'],
  [
    'a response that would be too large',
    () =>
      `{ ${Array.from({ length: 8 }, (_, n) => `a${n}: generations(first: 100) { nodes { ${'id status prompt seed result { id images { id url width height } }'} } }`).join(' ')} }`,
  ],
])('a session that ends before its check gets UNAUTHENTICATED and no more: %s', async (_, query) => {
  const carol = await signUp(first.url);
  const { lock, answer, isAnswered } = await askWhileLocked(query(), carol.token);
  await lock.execute('delete from sessions where user_id = $1', [carol.id]);
  expect(isAnswered()).toBe(false);
  await lock.open();
  expect(await answer).toEqual({
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    body: {
      errors: [{ message: 'The credential is invalid or has expired', extensions: { code: 'UNAUTHENTICATED' } }],
    },
  });
});

test('a generation of another user is FORBIDDEN when the check has said yes', async () => {
  const { lock, answer } = await askWhileLocked(`{ generation(id: "${id}") { id } }`, bob.token);
  await lock.open();
  const { status, body } = await answer;
  expect(status).toBe(200);
  expect(body).toMatchObject({ data: { generation: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
});
