/** The audits of the GraphQL Foundation for servers over HTTP, against the running server. */
import { serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetch });

test.each(audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name)).map(({ id, name, fn }) => ({ id, name, fn })))(
  '$id $name',
  async ({ fn }) => {
    const result = await fn();
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  },
);

test('there are audits of both kinds', () => {
  expect(audits.filter(({ name }) => name.startsWith('MUST')).length).toBeGreaterThan(10);
  expect(audits.filter(({ name }) => name.startsWith('SHOULD')).length).toBeGreaterThan(10);
});
