/** The audits of the GraphQL over HTTP specification, in a development and a production configuration. */
import { serverAudits } from 'graphql-http';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { Processes } from '../../support/process.js';

/** The variables that affect HTTP. Packages read NODE_ENV, too. */
const DEVELOPMENT = { NODE_ENV: 'development' };
const PRODUCTION = {
  NODE_ENV: 'production',
  INTROSPECTION: 'off',
  REGISTRATION: 'closed',
  CORS_ORIGIN: 'https://app.example.com',
  TRUSTED_PROXIES: '1',
};

/**
 * By design: a browser sends a plain GET from any page without a preflight. Queries by GET need a header that causes a preflight, such as
 * `authorization`.
 */
const NOT_PASSED = [
  '5A70: MAY accept application/x-www-form-urlencoded formatted GET requests',
  'D6D5: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  '6A70: MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

describe.each<[name: string, env: Record<string, string>]>([
  ['development', DEVELOPMENT],
  ['production', PRODUCTION],
])('in %s', (_, env) => {
  const processes = new Processes();
  let database: TestDatabase;
  let url: string;
  beforeAll(async () => {
    database = await createDatabase();
    ({ url } = await processes.startServerProcess({ env: { ...env, DATABASE_URL: database.url } }));
  });
  afterAll(async () => {
    await processes.end();
    await database?.drop();
  });

  const audits = serverAudits({ url: () => `${url}/graphql` }).map(({ id, name, fn }) => ({
    claim: `${id}: ${name}`,
    fn,
  }));

  test.each(audits.filter(({ claim }) => !NOT_PASSED.includes(claim)))('$claim', async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
  });

  test.each(audits.filter(({ claim }) => NOT_PASSED.includes(claim)))(
    'by design not passed: $claim',
    async ({ fn }) => {
      expect(await fn()).toMatchObject({ status: 'notice' });
    },
  );

  test('every audit that is not passed exists', () => {
    expect(audits.map(({ claim }) => claim)).toEqual(expect.arrayContaining(NOT_PASSED));
  });
});
