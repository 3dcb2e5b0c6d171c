/** Invalid documents and variables, over every transport. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, post, signUp } from '../../support/client.js';
import { connect } from '../../support/socket.js';
import { errorOf, type Payload, TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const SYNTAX = '{ viewer { id }';
const TWO = 'query A { __typename } query B { __typename }';

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each<[claim: string, payload: Payload, code: string]>([
    ['a syntax error', { query: SYNTAX }, 'GRAPHQL_PARSE_FAILED'],
    ['an empty selection', { query: '{ }' }, 'GRAPHQL_PARSE_FAILED'],
    ['spaces', { query: ' ' }, 'GRAPHQL_PARSE_FAILED'],
    ['no document', { query: '' }, 'BAD_REQUEST'],
    ['an unknown field', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an object field without a selection', { query: '{ viewer }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', { query: '{ models(name: "x") { name } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing argument', { query: '{ generation { id } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an undeclared variable', { query: '{ generation(id: $id) { id } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a cycle of fragments', { query: '{ ...A } fragment A on Query { ...A }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a document without an operation', { query: 'fragment A on Query { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a literal of the wrong type', { query: '{ models(kind: "LORA") { name } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['@defer', { query: '{ ... @defer { __typename } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a subscription with two root fields',
      { query: 'subscription { generationsUpdated { generationId } b: generationsUpdated { generationId } }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['two operations and no operation name', { query: TWO }, 'OPERATION_RESOLUTION_FAILURE'],
    ['an unknown operation name', { query: TWO, operationName: 'C' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['an empty operation name', { query: TWO, operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['a missing variable', { query: 'query ($id: ID!) { generation(id: $id) { id } }' }, 'BAD_USER_INPUT'],
    [
      'null for a variable',
      { query: 'query ($id: ID!) { generation(id: $id) { id } }', variables: { id: null } },
      'BAD_USER_INPUT',
    ],
    [
      'a variable of the wrong type',
      { query: 'query ($id: ID!) { generation(id: $id) { id } }', variables: { id: {} } },
      'BAD_USER_INPUT',
    ],
  ])('%s is rejected', async (_claim, payload, code) => {
    const answer = await send(app.url, alice.token, payload);
    expect(errorOf(answer)).toEqual({ code });
    expect(answer.data).toBeUndefined();
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {})).toEqual(['code']);
  });

  test('five of many errors are reported', async () => {
    const query = `{ ${Array.from({ length: 50 }, (_, index) => `x${index}`).join(' ')} }`;
    const { errors = [] } = await send(app.url, alice.token, { query });
    expect(errors).toHaveLength(5);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  });

  test('a query, a mutation and introspection work', async () => {
    const ask = async (query: string) => (await send(app.url, alice.token, { query })).data;
    expect(await ask('{ viewer { __typename } }')).toEqual({ viewer: { __typename: 'User' } });
    expect(await ask('mutation { createGeneration(input: { prompt: "x" }) { status } }')).toEqual({
      createGeneration: { status: 'PENDING' },
    });
    expect(await ask('{ __type(name: "Seed") { kind } }')).toEqual({ __type: { kind: 'SCALAR' } });
  });
});

test('errors are the same over every transport', async () => {
  for (const query of [SYNTAX, '{ nothing }', '{ generation(id: "1") { id } }', TWO, '{ viewr { id } }', '']) {
    const [http, ...others] = await Promise.all(TRANSPORTS.map(([, send]) => send(app.url, alice.token, { query })));
    for (const other of others) expect(other).toEqual(http);
  }
});

describe('a subscription by POST', () => {
  test('gets an error that says where subscriptions run', async () => {
    const answer = await post(app.url, { query: 'subscription { generationsUpdated { generationId } }' }, alice.token);
    expect(answer.status).toBe(400);
    const { errors, data } = (await answer.json()) as Answer;
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message:
          'Subscriptions run over WebSocket (graphql-transport-ws) at this same path, or as server-sent events at /graphql/stream',
        extensions: { code: 'BAD_REQUEST' },
      },
    ]);
  });
});

test('an error in one operation of a socket does not affect the others', async () => {
  const bob = await signUp(app.url);
  const socket = await connect(app.url, bob.token);
  socket.send({ id: 'live', type: 'subscribe', payload: { query: 'subscription { generationsUpdated { kind } }' } });
  for (const [id, query] of [
    ['syntax', SYNTAX],
    ['validation', '{ nothing }'],
    ['operation', TWO],
    ['resolver', '{ generation(id: "1") { id } }'],
  ]) {
    socket.send({ id, type: 'subscribe', payload: { query } });
    const { id: answered, type, payload } = await socket.next();
    expect(answered).toBe(id);
    // An operation that is not executed gets `error`, which ends it; an executed one gets a result with errors, and `complete`.
    if (id !== 'resolver') expect([type, payload.length]).toEqual(['error', 1]);
    else expect([type, payload.errors.length, (await socket.next()).type]).toEqual(['next', 1, 'complete']);
  }
  await bob.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  expect(await socket.next()).toEqual({
    id: 'live',
    type: 'next',
    payload: { data: { generationsUpdated: { kind: 'CREATED' } } },
  });
  await socket.close();
});
