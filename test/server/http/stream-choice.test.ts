/** /graphql returns JSON or events, depending on the operation and the Accept header. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, post, signUp } from '../../support/client.js';
import { answersOf } from '../../support/event-stream.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const EVENTS = 'text/event-stream';
const JSON_TYPES = 'application/graphql-response+json, application/json';
const QUERY = 'query { generations { totalCount } }';
const CREATE =
  'mutation { createGeneration(input: { prompt: "a subscription", steps: 1, width: 64, height: 64 }) { id } }';
const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { status } }';

const ask = (payload: object, accept: string) => post(app.url, payload, alice.token, { accept });
const typeOf = (response: Response) => response.headers.get('content-type')?.split(';')[0];
const watched = async () => ({ query: WATCH, variables: { id: (await alice.ask(CREATE)).data.createGeneration.id } });

test.each([
  ['only events', EVENTS],
  ['events first', `${EVENTS}, ${JSON_TYPES}`],
  ['JSON first', `${JSON_TYPES}, ${EVENTS}`],
  ['JSON with a higher weight', `${EVENTS};q=0.1, ${JSON_TYPES}`],
  ['events or parts', `${EVENTS}, multipart/mixed`],
  ['events in capitals', 'Text/Event-Stream'],
])('a subscription of a client that accepts %s is streamed to its end', async (_, accept) => {
  const response = await ask(await watched(), accept);
  expect([response.status, typeOf(response)]).toEqual([200, EVENTS]);
  const statuses = [];
  for await (const { data } of answersOf(response)) statuses.push(data.generationUpdated.status);
  expect(statuses.at(-1)).toBe('COMPLETED');
});

test('the chosen operation decides, not the whole document', async () => {
  const { query, variables } = await watched();
  const both = { query: `${query.replace('subscription', 'subscription Watch')} query Look { __typename }`, variables };
  const accept = `${JSON_TYPES}, ${EVENTS}`;
  const stream = await ask({ ...both, operationName: 'Watch' }, accept);
  expect(typeOf(stream)).toBe(EVENTS);
  await stream.body?.cancel();
  expect(typeOf(await ask({ ...both, operationName: 'Look' }, accept))).toBe('application/graphql-response+json');
});

test.each([
  ['a query', QUERY],
  ['a mutation about a subscription', CREATE],
  ['an invalid document', 'subscription {'],
])('%s of a client that accepts both gets JSON', async (_, query) => {
  const response = await ask({ query }, `application/json, ${EVENTS}`);
  expect([response.status, typeOf(response)]).toEqual([200, 'application/json']);
});

test('a query of a client that accepts only events is streamed', async () => {
  expect(typeOf(await ask({ query: QUERY }, EVENTS))).toBe(EVENTS);
});

test.each(['*/*', 'application/json', 'multipart/mixed;subscriptionSpec=1.0, application/json'])(
  'a subscription of a client that accepts %s gets an error that says where subscriptions run',
  async (accept) => {
    const response = await ask(await watched(), accept);
    expect(response.status).toBe(400);
    expect(((await response.json()) as Answer).errors?.[0]?.message).toContain('/graphql/stream');
  },
);

test('a bad credential for a stream at /graphql is HTTP 401', async () => {
  const response = await post(app.url, await watched(), 'x', { accept: EVENTS });
  expect(response.status).toBe(401);
});
