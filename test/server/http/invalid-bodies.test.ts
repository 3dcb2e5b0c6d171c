/** Requests that are not GraphQL: each gets a 4xx with a GraphQL error. */
import { gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, signUp } from '../../support/client.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = '{"query":"{ __typename }"}';
const MUTATION = 'mutation { createGeneration(input: { prompt: "x" }) { id } }';
const LARGEST = 256 * 1024;
const send = (method: string, headers: Record<string, string>, body?: RequestInit['body'], search = '') =>
  fetch(`${app.url}/graphql${search}`, { method, headers, ...(body === undefined ? {} : { body }) });
const persisted = (persistedQuery: object) =>
  send('POST', JSON_TYPE, JSON.stringify({ query: '{ __typename }', extensions: { persistedQuery } }));

test.each<[claim: string, request: () => Promise<Response>, status: number]>([
  ['a body that is not JSON', () => send('POST', JSON_TYPE, '{"query":'), 400],
  ['a body with NaN', () => send('POST', JSON_TYPE, '{"query":"{ __typename }","variables":{"x":NaN}}'), 400],
  ['a body with Infinity', () => send('POST', JSON_TYPE, '{"query":"{ __typename }","variables":{"x":Infinity}}'), 400],
  ['a body that is a string', () => send('POST', JSON_TYPE, '"{ __typename }"'), 400],
  ['a body that is null', () => send('POST', JSON_TYPE, 'null'), 400],
  ['no body', () => send('POST', JSON_TYPE), 400],
  ['an empty object', () => send('POST', JSON_TYPE, '{}'), 400],
  ['a batch', () => send('POST', JSON_TYPE, `[${QUERY},${QUERY}]`), 400],
  ['a query that is a number', () => send('POST', JSON_TYPE, '{"query":1}'), 400],
  ['variables that are a list', () => send('POST', JSON_TYPE, '{"query":"{ __typename }","variables":[]}'), 400],
  ['a persisted query with a wrong hash', () => persisted({ version: 1, sha256Hash: 'x' }), 400],
  ['a persisted query of another version', () => persisted({ version: 2, sha256Hash: 'x' }), 400],
  [
    'an operation name that is a number',
    () => send('POST', JSON_TYPE, '{"query":"{ __typename }","operationName":1}'),
    400,
  ],
  ['plain text', () => send('POST', { 'content-type': 'text/plain' }, QUERY), 400],
  [
    'plain text with JSON in its parameters',
    () => send('POST', { 'content-type': 'text/plain; charset=application/json' }, QUERY),
    400,
  ],
  ['a form', () => send('POST', { 'content-type': 'application/x-www-form-urlencoded' }, 'query={__typename}'), 400],
  ['a multipart form', () => send('POST', {}, formOf(QUERY)), 400],
  ['no content type', () => send('POST', { 'content-type': '' }, QUERY), 400],
  ['an unknown charset', () => send('POST', { 'content-type': 'application/json; charset=ibm037' }, QUERY), 415],
  ['an unknown content encoding', () => send('POST', { ...JSON_TYPE, 'content-encoding': 'x' }, QUERY), 415],
  ['a body larger than allowed', () => send('POST', JSON_TYPE, JSON.stringify({ query: 'x'.repeat(LARGEST) })), 413],
  [
    'a body that unpacks to more than allowed',
    () => send('POST', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync('['.repeat(10 * LARGEST))),
    413,
  ],
  [
    'a GET without a preflighted header',
    () => send('GET', {}, undefined, `?query=${encodeURIComponent('{ __typename }')}`),
    400,
  ],
  [
    'a mutation by GET',
    () => send('GET', { 'apollo-require-preflight': '1' }, undefined, `?query=${encodeURIComponent(MUTATION)}`),
    405,
  ],
  ['a GET without a query', () => send('GET', { 'apollo-require-preflight': '1' }), 400],
  ['PUT', () => send('PUT', JSON_TYPE, QUERY), 405],
  ['an unknown path', () => fetch(`${app.url}/nothing`), 404],
  ['an invalid path', () => fetch(`${app.url}/images/%E0%A4%A`), 400],
])('%s is rejected', async (_claim, request, status) => {
  const answer = await request();
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/);
  const { data, errors = [] } = (await answer.json()) as Answer;
  expect(data).toBeUndefined();
  expect(errors).toHaveLength(1);
  expect(errors[0]).toEqual({
    message: expect.any(String),
    extensions: { code: status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST' },
  });
});

test('a person who opens an unknown path has a page', async () => {
  const answer = await fetch(`${app.url}/nothing`, { headers: { accept: 'text/html,*/*;q=0.8' } });
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  expect(await answer.text()).toMatch(/<h1>There is no such page<\/h1>[\s\S]*<a href="\/">/);
});

test('a body of the maximum size is accepted', async () => {
  const frame = JSON.stringify({ query: '{ __typename }', variables: { x: '' } });
  const answer = await send('POST', JSON_TYPE, frame.replace('""', `"${'x'.repeat(LARGEST - frame.length)}"`));
  expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
});

test('a GET with a preflighted header is executed', async () => {
  const search = `?query=${encodeURIComponent('query ($k: ModelKind) { models(kind: $k) { name } }')}&variables=${encodeURIComponent('{"k":"LORA"}')}`;
  const { token } = await signUp(app.url);
  const answer = await send(
    'GET',
    { 'apollo-require-preflight': '1', authorization: `Bearer ${token}` },
    undefined,
    search,
  );
  expect(await answer.json()).toEqual({ data: { models: [] } });
});

function formOf(operations: string): FormData {
  const form = new FormData();
  form.set('operations', operations);
  return form;
}
