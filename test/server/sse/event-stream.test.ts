/** GraphQL over server-sent events, with one connection for each operation. */
import { startConfigured, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { answersOf, eventsOf, openStream } from '../../support/event-stream.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const TYPENAME = '{ __typename }';
const WATCH_ALL = 'subscription { generationsUpdated { kind } }';
const PREFLIGHTED = { 'apollo-require-preflight': 'yes' };

const create = async () =>
  (await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }')).data.createGeneration;
const all = async (response: Response) => {
  const events = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
};
const get = (parameters: Record<string, string>, headers: Record<string, string> = PREFLIGHTED) =>
  fetch(`${app.url}/graphql/stream?${new URLSearchParams(parameters)}`, {
    headers: { authorization: `Bearer ${alice.token}`, ...headers },
  });
/** The status and the codes of a response without a stream. */
const refused = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, errors.map(({ extensions }) => extensions.code)];
};

test('a stream is neither cached nor buffered by proxies', async () => {
  const response = await openStream(app.url, { query: TYPENAME });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  await response.body?.cancel();
});

test('an operation gets a comment at once, its results, and complete', async () => {
  const { id } = await create();
  const query = `query ($id: ID!) { generation(id: $id) { id } }`;
  expect(await all(await openStream(app.url, { query, variables: { id } }, { token: alice.token ?? '' }))).toEqual([
    { data: '' },
    { event: 'next', data: JSON.stringify({ data: { generation: { id } } }) },
    { event: 'complete', data: '' },
  ]);
});

test('a subscription gets its events until it is complete', async () => {
  const { id } = await create();
  const query = `subscription { generationUpdated(id: "${id}") { status } }`;
  const statuses = [];
  for await (const { data } of answersOf(await openStream(app.url, { query }, { token: alice.token ?? '' }))) {
    if (statuses.length === 0) await alice.ask(`mutation { cancelGeneration(id: "${id}") { id } }`);
    statuses.push(data.generationUpdated.status);
  }
  expect(statuses.at(-1)).toBe('CANCELED');
});

test('a subscription by GET takes variables', async () => {
  const { id } = await create();
  const query = `subscription ($id: ID!) { generationUpdated(id: $id) { id } }`;
  for await (const answer of answersOf(await get({ query, variables: JSON.stringify({ id }) }))) {
    expect(answer).toEqual({ data: { generationUpdated: { id } } });
    break;
  }
});

test('a client that accepts any type gets events', async () => {
  const response = await openStream(app.url, { query: TYPENAME }, { headers: { accept: '*/*' } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  await response.body?.cancel();
});

describe('no stream is opened, and nothing is executed, for', () => {
  const MUTATION = 'mutation { createGeneration(input: { prompt: "x" }) { id } }';

  test.each<[claim: string, status: number, headers: Record<string, string>, payload: string | object]>([
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }, `query=${encodeURIComponent(MUTATION)}`],
    ['plain text', 415, { 'content-type': 'text/plain' }, { query: MUTATION }],
    [
      'plain text with JSON in its parameters',
      400,
      { 'content-type': 'text/plain; charset=application/json' },
      { query: MUTATION },
    ],
    ['plain text after a preflight', 415, { ...PREFLIGHTED, 'content-type': 'text/plain' }, { query: MUTATION }],
    ['a client that accepts only JSON', 406, { accept: 'application/json' }, { query: MUTATION }],
    ['a body that is not JSON', 400, {}, '{'],
    ['a list', 400, {}, [{ query: MUTATION }]],
    ['no document', 400, {}, {}],
    ['a document that is a number', 400, {}, { query: 1 }],
    ['variables that are a list', 400, {}, { query: MUTATION, variables: [] }],
    ['an operation name that is an object', 400, {}, '{"query":"{ __typename }","operationName":{"toString":1}}'],
    ['a body that is too large', 413, {}, { query: MUTATION, variables: { x: 'x'.repeat(256 * 1024) } }],
  ])('%s: HTTP %i', async (_, status, headers, payload) => {
    const before = (await alice.ask('{ generations { totalCount } }')).data;
    const response = await openStream(app.url, payload, { token: alice.token ?? '', headers });
    expect(await refused(response)).toEqual([status, ['BAD_REQUEST']]);
    expect((await alice.ask('{ generations { totalCount } }')).data).toEqual(before);
  });

  test('a GET that a browser sends without a preflight', async () => {
    expect(await refused(await get({ query: TYPENAME }, { authorization: '' }))).toEqual([400, ['BAD_REQUEST']]);
  });

  test('a mutation by GET', async () => {
    expect(await refused(await get({ query: MUTATION }))).toEqual([405, ['BAD_REQUEST']]);
  });

  test('variables by GET that are not JSON', async () => {
    expect(await refused(await get({ query: TYPENAME, variables: '{' }))).toEqual([400, ['BAD_REQUEST']]);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s', async (method) => {
    const response = await fetch(`${app.url}/graphql/stream`, { method, headers: PREFLIGHTED });
    expect(await refused(response)).toEqual([405, ['BAD_REQUEST']]);
  });
});

test('a shutdown ends streams before they are complete', async () => {
  const { PORT: _, ...env } = app.env;
  const other = await startConfigured({ ...env, PORT: '0' });
  const response = await openStream(other.url, { query: WATCH_ALL }, { token: alice.token ?? '' });
  const [events] = await Promise.all([all(response), other.close()]);
  expect(events).toEqual([{ data: '' }, { data: 'The server is shutting down' }]);
});
