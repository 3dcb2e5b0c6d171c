/** GraphQL over HTTP, by the audits of the specification's own suite. */
import { serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

/**
 * By design: a browser sends a plain GET from any page, without asking first. Queries by GET are answered when the request has a header
 * that makes the browser ask, such as `apollo-require-preflight`.
 */
const NOT_PASSED = [
  '5A70: MAY accept application/x-www-form-urlencoded formatted GET requests',
  'D6D5: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  '6A70: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

const audits = serverAudits({ url: () => `${app.url}/graphql` }).map(({ id, name, fn }) => ({
  claim: `${id}: ${name}`,
  fn,
}));

test.each(audits.filter(({ claim }) => !NOT_PASSED.includes(claim)))('$claim', async ({ fn }) => {
  expect(await fn()).toMatchObject({ status: 'ok' });
});

test.each(audits.filter(({ claim }) => NOT_PASSED.includes(claim)))('not passed is $claim', async ({ fn }) => {
  expect(await fn()).toMatchObject({ status: 'notice' });
});

test('what is not passed is known by name', () => {
  expect(audits.map(({ claim }) => claim)).toEqual(expect.arrayContaining(NOT_PASSED));
});
