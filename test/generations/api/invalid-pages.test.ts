/** Invalid pages: sizes out of bounds, invalid cursors, filters that PostgreSQL could not read. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { type ExpectedError, errorOf, TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client;
/** A cursor of the default order, newest first. */
let cursor: string;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
  await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  cursor = (await alice.ask('{ generations { edges { cursor } } }')).data.generations.edges[0].cursor;
});
afterAll(() => app?.close());

const query = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: GenerationFilter, $orderBy: GenerationOrder) {
  generations(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage hasPreviousPage } nodes { id }
  }
}`;
const named = (field: string): ExpectedError => ({ code: 'BAD_USER_INPUT', field, path: ['generations'] });
const BY_SCALAR: ExpectedError = { code: 'BAD_USER_INPUT' };
const encode = (text: string) => Buffer.from(text).toString('base64url');
const decode = (text: string) => Buffer.from(text, 'base64url').toString();
const ID = '01890000-0000-7000-8000-000000000000';

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each<[claim: string, variables: () => Record<string, unknown>, error: ExpectedError]>([
    ['a first page of 0', () => ({ first: 0 }), named('first')],
    ['a first page of 101', () => ({ first: 101 }), named('first')],
    ['a first page of -1', () => ({ first: -1 }), named('first')],
    ['a first page of 100,000,000', () => ({ first: 100_000_000 }), named('first')],
    ['a last page of 0', () => ({ last: 0 }), named('last')],
    ['a last page of 101', () => ({ last: 101 }), named('last')],
    ['first and last together', () => ({ first: 1, last: 1 }), named('last')],
    ['more than an Int holds', () => ({ first: 2 ** 31 }), BY_SCALAR],
    ['half a page', () => ({ first: 0.5 }), BY_SCALAR],
    ['after an empty cursor', () => ({ after: '' }), named('after')],
    ['after nonsense', () => ({ after: 'nonsense' }), named('after')],
    ['before nonsense', () => ({ before: 'nonsense' }), named('before')],
    ['after SQL', () => ({ after: "' or 1=1--" }), named('after')],
    ['after an id', () => ({ after: ID }), named('after')],
    ['after a cursor with a tail', () => ({ after: `${cursor}!` }), named('after')],
    ['after a cursor with its last letter lost', () => ({ after: cursor.slice(0, -1) }), named('after')],
    ['after a cursor twice encoded', () => ({ after: encode(cursor) }), named('after')],
    ['after another order', () => ({ after: cursor, orderBy: { field: 'COMPLETED_AT' } }), named('after')],
    ['after another direction', () => ({ after: cursor, orderBy: { direction: 'ASC' } }), named('after')],
    ['before another direction', () => ({ last: 1, before: cursor, orderBy: { direction: 'ASC' } }), named('before')],
    [
      'after the thirtieth of February',
      () => ({ after: encode(`CREATED_AT DESC 2026-02-30T00:00:00.000Z ${ID}`) }),
      named('after'),
    ],
    ['after the year 0', () => ({ after: encode(`CREATED_AT DESC 0000-01-01T00:00:00.000Z ${ID}`) }), named('after')],
    ['after the hour 25', () => ({ after: encode(`CREATED_AT DESC 2026-01-01T25:00:00.000Z ${ID}`) }), named('after')],
    [
      'after a cursor of an unknown order',
      () => ({ after: encode(decode(cursor).replace('CREATED_AT', 'USER_ID')) }),
      named('after'),
    ],
    ['after a cursor with SQL', () => ({ after: encode(`CREATED_AT DESC 2026-'||now()||'Z ${ID}`) }), named('after')],
    ['an unknown order', () => ({ orderBy: { field: 'USER_ID' } }), BY_SCALAR],
    ['an unknown direction', () => ({ orderBy: { direction: 'desc; drop table users' } }), BY_SCALAR],
    ['an unknown status', () => ({ filter: { status: ['DONE'] } }), BY_SCALAR],
    ['an unknown filter', () => ({ filter: { userId: ID } }), BY_SCALAR],
    ['a filter that is an object for SQL', () => ({ filter: { model: { $ne: null } } }), BY_SCALAR],
    ['an invalid date', () => ({ filter: { createdAfter: 'yesterday' } }), BY_SCALAR],
    ['a date without a zone', () => ({ filter: { createdAfter: '2026-01-01T00:00:00' } }), BY_SCALAR],
    ['the thirtieth of February', () => ({ filter: { createdAfter: '2026-02-30T00:00:00Z' } }), BY_SCALAR],
    ['a date that is a number', () => ({ filter: { createdAfter: 0 } }), BY_SCALAR],
    ['a search of 201 characters', () => ({ filter: { search: 'x'.repeat(201) } }), named('search')],
    ['a search for a NUL character', () => ({ filter: { search: '\0' } }), named('search')],
    ['a search for half a character', () => ({ filter: { search: '\ud800' } }), named('search')],
    ['a model with a NUL character', () => ({ filter: { model: '\0' } }), named('model')],
    ['a workflow with a NUL character', () => ({ filter: { workflow: '\0' } }), named('workflow')],
  ])('%s is rejected', async (_claim, variables, error) => {
    expect(errorOf(await send(app.url, alice.token, { query, variables: variables() }))).toEqual(error);
  });

  test.each([
    ['an invalid date', 'filter: { createdAfter: "yesterday" }'],
    ['an unknown status', 'filter: { status: [DONE] }'],
    ['more than an Int holds', 'first: 2147483648'],
  ])('%s is rejected in the document', async (_claim, args) => {
    const answer = await send(app.url, alice.token, { query: `{ generations(${args}) { totalCount } }` });
    expect(errorOf(answer)).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  test('sixty invalid statuses are BAD_USER_INPUT', async () => {
    const variables = { filter: { status: Array(60).fill('DONE') } };
    const { errors = [] } = await send(app.url, alice.token, { query, variables });
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test.each([
    ['an input', 'query ($v: GenerationOrderField) { generations(orderBy: { field: $v }) { totalCount } }'],
    ['a directive', 'query ($v: Boolean = true) { generations { totalCount @include(if: $v) } }'],
  ])('null in a variable for %s that does not accept null is BAD_USER_INPUT', async (_claim, query) => {
    const answer = await send(app.url, alice.token, { query, variables: { v: null } });
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  test.each<[claim: string, variables: () => Record<string, unknown>, count: number]>([
    [
      'null for every argument',
      () => ({ first: null, after: null, last: null, before: null, filter: null, orderBy: null }),
      1,
    ],
    [
      'null for every filter',
      () => ({
        filter: { status: null, model: null, workflow: null, search: null, createdAfter: null, createdBefore: null },
      }),
      1,
    ],
    ['the first instant', () => ({ filter: { createdAfter: '0000-01-01T00:00:00Z' } }), 1],
    ['before the first instant', () => ({ filter: { createdBefore: '0001-01-01T00:00:00+23:59' } }), 0],
    ['the last instant', () => ({ filter: { createdBefore: '9999-12-31T23:59:59.999-12:00' } }), 1],
    ['a search for a wildcard', () => ({ filter: { search: '%' } }), 0],
    ['a search for a backslash and a quote', () => ({ filter: { search: "\\'\\" } }), 0],
    ['a search for a question mark', () => ({ filter: { search: '? ?? $1 :x' } }), 0],
    ['an empty list of statuses', () => ({ filter: { status: [] } }), 0],
    ['an unknown model', () => ({ filter: { model: '../x' } }), 0],
  ])('%s is accepted', async (_claim, variables, count) => {
    const { data, errors } = await send(app.url, alice.token, { query, variables: variables() });
    expect(errors).toBeUndefined();
    expect(data.generations.totalCount).toBe(count);
  });
});
