/** Password guesses are limited without locking the owner out of the account. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, post, signUp } from '../support/client.js';
import { Log } from '../support/log.js';
import { PASSWORD } from './support.js';

let app: TestApp;
beforeAll(async () => {
  // Behind one proxy, which sends the address of each client.
  app = await startTestApp({ env: { TRUSTED_PROXIES: '1' } });
});
afterAll(() => app?.close());

async function codesOf(address: string, body: string, token?: string): Promise<unknown[]> {
  const response = await post(app.url, { query: `mutation { ${body} }` }, token, { 'x-forwarded-for': address });
  const { errors = [] } = (await response.json()) as Answer;
  return errors.map(({ extensions }) => extensions.code);
}
const many = (count: number, field: string) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');
const signIn = (email: string, password = PASSWORD) =>
  `signIn(input: { email: "${email}", password: "${password}" }) { accessToken }`;
const guess = (address: string, email: string, count = 10) => codesOf(address, many(count, signIn(email, 'wrong')));

test('ten wrong passwords block their address, and no other address', async () => {
  const { email } = await signUp(app.url);
  expect((await guess('203.0.113.1', email, 11)).at(-1)).toBe('RATE_LIMITED');
  expect(await codesOf('203.0.113.1', signIn(email))).toEqual(['RATE_LIMITED']);
  expect(await codesOf('203.0.113.2', signIn(email))).toEqual([]);
  // The owner's sign-in does not reset the count of the other address.
  expect(await codesOf('203.0.113.1', signIn(email))).toEqual(['RATE_LIMITED']);
});

test('a blocked address that keeps guessing does not use up the limit of the account', async () => {
  const { email } = await signUp(app.url);
  for (const _ of Array(5)) await guess('203.0.113.3', email, 25);
  const counts = await app.database.query<{ points: number }>(
    `select points from rate_limits where key like 'account:%'`,
  );
  expect(Math.max(...counts.map(({ points }) => points))).toBe(10);
  expect(await codesOf('203.0.113.4', signIn(email))).toEqual([]);
});

test('the owner can change the password while another address guesses it', async () => {
  const { email, token } = await signUp(app.url);
  await guess('203.0.113.5', email, 11);
  const change = `changePassword(current: "${PASSWORD}", new: "another horse battery") { accessToken }`;
  expect(await codesOf('203.0.113.6', change, token)).toEqual([]);
});

test('a hundred wrong passwords within an hour from many addresses block the account; correct ones do not count', async () => {
  const { email } = await signUp(app.url);
  await guess('198.51.100.1', email, 1);
  expect(await codesOf('198.51.100.2', many(3, signIn(email)))).toEqual([]);
  const account = `key like 'account:%' and points = 1`;
  expect(await app.database.query(`update rate_limits set points = 99 where ${account} returning key`)).toHaveLength(1);
  expect(await guess('198.51.100.3', email, 2)).toEqual(['INVALID_CREDENTIALS', 'RATE_LIMITED']);
  expect(await codesOf('198.51.100.4', signIn(email))).toEqual(['RATE_LIMITED']);
});

test('an untrusted proxy is logged once, because its clients share one limit', async () => {
  const log = new Log();
  const direct = await startTestApp({ log, env: { LOG_LEVEL: 'warn' } });
  try {
    await signUp(direct.url);
    expect(log.text).not.toContain('TRUSTED_PROXIES');
    for (const _ of [1, 2])
      await post(direct.url, { query: '{ __typename }' }, undefined, { 'x-forwarded-for': '203.0.113.9' });
    expect(log.text.match(/set TRUSTED_PROXIES/g)).toHaveLength(1);
  } finally {
    await direct.close();
  }
});
