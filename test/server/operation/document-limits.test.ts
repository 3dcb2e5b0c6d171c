/** Limits of documents: the largest that is executed, and the smallest that is rejected. */
import { getIntrospectionQuery } from 'graphql';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, post, signUp } from '../../support/client.js';
import { errorOf, type Payload, TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client;
let id: string;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
  id = (await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }')).data.createGeneration.id;
});
afterAll(() => app?.close());

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const nested = (depth: number, field: string, leaf: string) =>
  `${`${field} { `.repeat(depth - 1)}${leaf}${' }'.repeat(depth - 1)}`;

/** A document of `count` tokens with few fields. */
const tokens = (count: number) =>
  `{ generations(filter: { status: [${times(count - 19, () => 'COMPLETED')}] }) { nodes { id } } }`;
const aliases = (count: number) => `{ ${times(count, (i) => `a${i}: __typename`)} }`;
const repeated = (count: number) => `{ __typename ${times(count, () => '__typename')} }`;
const onFields = (count: number) => `{ viewer { ${times(count, () => '... @include(if: true) { id }')} } }`;
const depth = (count: number) => `query ($id: ID!) { generation(id: $id) { ${nested(count - 1, 'retryOf', 'id')} } }`;
const fragments = (count: number) =>
  `{ ${times(count, (i) => `...F${i}`)} } ${times(count, (i) => `fragment F${i} on Query { __typename }`)}`;
const spreads = (count: number) => `{ ${times(count, () => '...F')} } fragment F on Query { __typename }`;
const schemas = (count: number) => `{ ${times(count, (i) => `s${i}: __schema { queryType { name } }`)} }`;
const typeLookups = (count: number) => `{ ${times(count, (i) => `t${i}: __type(name: "Query") { name }`)} }`;
const types = (count: number) =>
  `{ __type(name: "Query") { fields { type { ${nested(count - 3, 'ofType', 'name')} } } } }`;
const around = (fields: string) => `{ __schema { types { fields { type { ${fields} } } } } }`;
const totals = (count: number) => `{ ${times(count, (i) => `t${i}: generations { totalCount }`)} }`;
/** Each fragment spreads the next one twice: 2^count values. */
const doubling = (count: number) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const PICTURES = `query ($first: Int) { generations(first: $first) { nodes {
  id status prompt createdAt errorMessage progress { fraction node } model { name }
  result { id images { id url(download: true) thumbHash width height contentType byteSize generations: __typename } }
} } }`;
const tower = (first: number, end = 'result { id }') =>
  `{ generations(first: ${first}) { nodes { result { generation { ${end} } } } } }`;

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each<[what: string, allowed: string, refused: string, code?: string]>([
    ['tokens', tokens(1_500), tokens(1_501), 'GRAPHQL_PARSE_FAILED'],
    ['aliases, of __typename too', aliases(30), aliases(31)],
    ['repetitions of a field', repeated(30), repeated(31)],
    ['fields deep', depth(12), depth(13)],
    ['fragments', fragments(30), fragments(31)],
    ['spreads of one fragment', spreads(60), spreads(61)],
    ['__schema fields', schemas(2), schemas(3)],
    ['__type fields', typeLookups(20), typeLookups(21)],
    ['types of types', types(15), types(16)],
    ['nested lists of types', around('name'), around('fields { name }')],
    ['nested lists of possible types', around('kind'), around('possibleTypes { name }')],
    ['aliases of introspection fields', around('name'), `{ __schema { types { a: fields { name } } } }`],
    ['values by total counts', totals(19), totals(20)],
    ['values by fragments', doubling(14), doubling(15)],
    ['values by returning to the same type', tower(94), tower(95)],
    ['values by retryOf', tower(100, 'id'), tower(100, 'retryOf { id }')],
  ])(
    'the limit of %s is executed, one more is rejected',
    async (_what, allowed, refused, code = 'GRAPHQL_VALIDATION_FAILED') => {
      const good = await send(app.url, alice.token, { query: allowed, variables: { id } });
      expect(good.errors).toBeUndefined();
      expect(good.data).toBeDefined();
      const bad = await send(app.url, alice.token, { query: refused, variables: { id } });
      expect(errorOf(bad)).toEqual({ code });
      expect(bad.data).toBeUndefined();
    },
  );

  test('directives count wherever they are', async () => {
    const { data } = await send(app.url, alice.token, { query: onFields(9) });
    expect(data).toEqual({ viewer: { id: expect.any(String) } });
    expect(errorOf(await send(app.url, alice.token, { query: onFields(10) }))).toEqual({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
  });

  test('a page counts as large as its variable says', async () => {
    const query =
      'query ($first: Int) { generations(first: $first) { nodes { result { generation { result { id } } } } } }';
    const ask = (variables: Record<string, unknown>) => send(app.url, alice.token, { query, variables });
    for (const variables of [{}, { first: null }, { first: 94 }]) expect((await ask(variables)).errors).toBeUndefined();
    expect(errorOf(await ask({ first: 95 }))).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    // A size of the wrong type has its own error.
    expect(errorOf(await ask({ first: '95' }))).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('a full page with its images is within the limits', async () => {
    const { data, errors } = await send(app.url, alice.token, { query: PICTURES, variables: { first: 100 } });
    expect(errors).toBeUndefined();
    expect(data.generations.nodes).toHaveLength(1);
  });

  test("GraphiQL's introspection query is within the limits", async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { data, errors } = await send(app.url, undefined, { query });
    expect(errors).toBeUndefined();
    expect(data.__schema.queryType.name).toBe('Query');
  });

  test.each<[claim: string, payload: Payload]>([
    ['errors of a document', { query: `{ ${times(50, (i) => `x${i}`)} }` }],
    [
      'invalid variables',
      { query: `query (${times(50, (i) => `$v${i}: Int!`)}) { __typename ${times(50, (i) => `@skip(if: $v${i})`)} }` },
    ],
    ['missing variables', { query: `query (${times(50, (i) => `$v${i}: Int!`)}) { __typename }` }],
  ])('five of many %s are reported', async (_claim, payload) => {
    const { errors } = await send(app.url, alice.token, payload);
    expect(errors).toHaveLength(5);
  });

  test('every alias that is executed has its own error', async () => {
    const query = `{ ${times(30, (i) => `a${i}: generation(id: "${i}") { id }`)} }`;
    const { errors } = await send(app.url, alice.token, { query });
    expect(errors).toHaveLength(30);
  });
});

test('the check of a bad credential takes no exponential time', async () => {
  const answer = await post(app.url, { query: doubling(29) }, 'wrong');
  expect(errorOf((await answer.json()) as Answer)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
});

describe('with INTROSPECTION=off', () => {
  let closed: TestApp;
  beforeAll(async () => {
    closed = await startTestApp({ env: { INTROSPECTION: 'off' } });
  });
  afterAll(() => closed?.close());

  test.each(TRANSPORTS)('over %s, only a signed-in user can read the schema', async (_, send) => {
    const { token } = await signUp(closed.url);
    const hidden = '{ ...A } fragment A on Query { __schema { queryType { name } } }';
    expect(errorOf(await send(closed.url, undefined, { query: hidden }))).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await send(closed.url, token, { query: hidden })).data.__schema.queryType).toEqual({ name: 'Query' });
    const open = await send(closed.url, undefined, { query: '{ __typename __type(name: "Query") { name } }' });
    expect(open).toEqual({ data: { __typename: 'Query', __type: { name: 'Query' } } });
  });
});
