/** Limits of documents, through both doors: the largest that is answered, and the smallest that is not. */
import { getIntrospectionQuery } from 'graphql';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, type Client, post, signUp } from '../../support/client.js';
import { DOORS, type Payload, refusalOf } from '../../support/transports.js';

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

/** A document of so many tokens that asks for one thing only. */
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
/** Each spreads the next one twice: 2^count values in so many lines. */
const doubling = (count: number) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const PICTURES = `query ($first: Int) { generations(first: $first) { nodes {
  id status prompt createdAt errorMessage progress { fraction node } model { name }
  result { id images { id url(download: true) thumbHash width height contentType byteSize generations: __typename } }
} } }`;
const tower = (first: number, end = 'result { id }') =>
  `{ generations(first: ${first}) { nodes { result { generation { ${end} } } } } }`;

describe.each(DOORS)('over %s', (_, through) => {
  test.each<[what: string, allowed: string, refused: string, code?: string]>([
    ['tokens', tokens(1_500), tokens(1_501), 'GRAPHQL_PARSE_FAILED'],
    ['aliases, of __typename too', aliases(30), aliases(31)],
    ['repetitions of a field', repeated(30), repeated(31)],
    ['fields deep', depth(12), depth(13)],
    ['fragments', fragments(30), fragments(31)],
    ['spreads of one fragment', spreads(60), spreads(61)],
    ['looks at the schema', schemas(2), schemas(3)],
    ['looks at single types', typeLookups(20), typeLookups(21)],
    ['types of types', types(15), types(16)],
    ['ways through the schema', around('name'), around('fields { name }')],
    ['ways through the schema to what implements what', around('kind'), around('possibleTypes { name }')],
    ['looks at the same fields', around('name'), `{ __schema { types { a: fields { name } } } }`],
    ['counts of everything', totals(19), totals(20)],
    ['values by fragments', doubling(14), doubling(15)],
    ['values by going there and back', tower(94), tower(95)],
    ['values by trying again', tower(100, 'id'), tower(100, 'retryOf { id }')],
  ])(
    'so many %s are answered, one more is refused',
    async (_what, allowed, refused, code = 'GRAPHQL_VALIDATION_FAILED') => {
      const good = await through(app.url, alice.token, { query: allowed, variables: { id } });
      expect(good.errors).toBeUndefined();
      expect(good.data).toBeDefined();
      const bad = await through(app.url, alice.token, { query: refused, variables: { id } });
      expect(refusalOf(bad)).toEqual({ code });
      expect(bad.data).toBeUndefined();
    },
  );

  test('directives are counted, wherever they are', async () => {
    const { data } = await through(app.url, alice.token, { query: onFields(9) });
    expect(data).toEqual({ viewer: { id: expect.any(String) } });
    expect(refusalOf(await through(app.url, alice.token, { query: onFields(10) }))).toEqual({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
  });

  test('a page counts as large as its variable says', async () => {
    const query =
      'query ($first: Int) { generations(first: $first) { nodes { result { generation { result { id } } } } } }';
    const ask = (variables: Record<string, unknown>) => through(app.url, alice.token, { query, variables });
    for (const variables of [{}, { first: null }, { first: 94 }]) expect((await ask(variables)).errors).toBeUndefined();
    expect(refusalOf(await ask({ first: 95 }))).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    // What is no size at all is refused by its own words.
    expect(refusalOf(await ask({ first: '95' }))).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('a whole page with its pictures is answered, with every type named', async () => {
    const { data, errors } = await through(app.url, alice.token, { query: PICTURES, variables: { first: 100 } });
    expect(errors).toBeUndefined();
    expect(data.generations.nodes).toHaveLength(1);
  });

  test("GraphiQL's question for the schema is answered", async () => {
    const query = getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const { data, errors } = await through(app.url, undefined, { query });
    expect(errors).toBeUndefined();
    expect(data.__schema.queryType.name).toBe('Query');
  });

  test.each<[claim: string, payload: Payload]>([
    ['faults of a document', { query: `{ ${times(50, (i) => `x${i}`)} }` }],
    [
      'values that do not fit',
      { query: `query (${times(50, (i) => `$v${i}: Int!`)}) { __typename ${times(50, (i) => `@skip(if: $v${i})`)} }` },
    ],
    ['missing values', { query: `query (${times(50, (i) => `$v${i}: Int!`)}) { __typename }` }],
  ])('of many %s five are told', async (_claim, payload) => {
    const { errors } = await through(app.url, alice.token, payload);
    expect(errors).toHaveLength(5);
  });

  test('each alias that is answered has its own error', async () => {
    const query = `{ ${times(30, (i) => `a${i}: generation(id: "${i}") { id }`)} }`;
    const { errors } = await through(app.url, alice.token, { query });
    expect(errors).toHaveLength(30);
  });
});

test('a wrong credential makes no document harder to read', async () => {
  const answer = await post(app.url, { query: doubling(29) }, 'wrong');
  expect(refusalOf((await answer.json()) as Answer)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
});

describe('with INTROSPECTION=off', () => {
  let closed: TestApp;
  beforeAll(async () => {
    closed = await startTestApp({ env: { INTROSPECTION: 'off' } });
  });
  afterAll(() => closed?.close());

  test.each(DOORS)('over %s, nobody is shown the schema, and whoever has signed in is', async (_, through) => {
    const { token } = await signUp(closed.url);
    const hidden = '{ ...A } fragment A on Query { __schema { queryType { name } } }';
    expect(refusalOf(await through(closed.url, undefined, { query: hidden }))).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await through(closed.url, token, { query: hidden })).data.__schema.queryType).toEqual({ name: 'Query' });
    const open = await through(closed.url, undefined, { query: '{ __typename __type(name: "Query") { name } }' });
    expect(open).toEqual({ data: { __typename: 'Query', __type: { name: 'Query' } } });
  });
});
