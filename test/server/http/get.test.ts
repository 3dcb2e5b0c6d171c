/** GET requests: accepted with a credential, which a foreign page cannot send without a preflight; rejected without one. */
import { createHash } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, signUp } from '../../support/client.js';
import { answersOf } from '../../support/event-stream.js';

let app: TestApp;
let alice: Client & { id: string };
let apiKey: string;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
  apiKey = (await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }')).data.createApiKey.secret;
});
afterAll(() => app?.close());

const VIEWER = '{ viewer { id } }';
const sha256Hash = createHash('sha256').update(VIEWER).digest('hex');
const PERSISTED = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });

const get = (path: string, parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}?${new URLSearchParams(parameters)}`, { headers });
const bearer = () => ({ authorization: `Bearer ${alice.token}` });

test.each<[name: string, authorization: () => string]>([
  ['an access token', () => `Bearer ${alice.token}`],
  ['an API key', () => `Bearer ${apiKey}`],
  ['a lower-case scheme', () => `bearer ${alice.token}`],
])('a GET with %s is authenticated', async (_, authorization) => {
  const response = await get('/graphql', { query: VIEWER }, { authorization: authorization() });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ data: { viewer: { id: alice.id } } });
});

test('a GET with a credential takes variables and an operation name', async () => {
  const query = 'query A($k: ModelKind) { models(kind: $k) { name } } query B { __typename }';
  const parameters = { query, operationName: 'A', variables: '{"k":"LORA"}' };
  expect(await (await get('/graphql', parameters, bearer())).json()).toEqual({ data: { models: [] } });
});

test('a persisted query is registered by GET, and then found by its hash', async () => {
  const unknown = (await (await get('/graphql', { extensions: PERSISTED }, bearer())).json()) as Answer;
  expect(unknown.errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  const expected = { data: { viewer: { id: alice.id } } };
  expect(await (await get('/graphql', { query: VIEWER, extensions: PERSISTED }, bearer())).json()).toEqual(expected);
  expect(await (await get('/graphql', { extensions: PERSISTED }, bearer())).json()).toEqual(expected);
});

test.each(['/graphql/stream', '/graphql'])('%s streams events to a GET with a credential', async (path) => {
  const response = await get(path, { query: VIEWER }, { ...bearer(), accept: 'text/event-stream' });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  for await (const answer of answersOf(response)) expect(answer).toEqual({ data: { viewer: { id: alice.id } } });
});

test.each([
  ['/graphql', {}],
  ['/graphql', { authorization: '' }],
  ['/graphql', { cookie: 'authorization=x' }],
  ['/graphql/stream', { accept: 'text/event-stream' }],
])('%s rejects a GET with %j, and names the headers that it accepts', async (path, headers) => {
  const response = await get(path, { query: '{ __typename }' }, headers);
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as Answer;
  expect(errors?.[0]?.message).toContain('authorization');
});

test('a bad credential by GET is HTTP 401', async () => {
  expect((await get('/graphql', { query: VIEWER }, { authorization: 'Bearer x' })).status).toBe(401);
});

test.each(['/graphql', '/graphql/stream'])('%s rejects a mutation by GET, even with a credential', async (path) => {
  const query = 'mutation { createGeneration(input: { prompt: "x" }) { id } }';
  expect((await get(path, { query }, bearer())).status).toBe(405);
  expect((await alice.ask('{ generations { totalCount } }')).data.generations.totalCount).toBe(0);
});

test('a page of another origin needs a preflight to send a credential', async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example.com',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
});
