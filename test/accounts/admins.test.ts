/** Which account becomes admin. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { Log } from '../support/log.js';

let app: TestApp;
afterEach(() => app.close());

const roleOf = async (client: Client): Promise<string> => (await client.ask('{ viewer { role } }')).data.viewer.role;
const rolesOf = async (clients: Client[]) => (await Promise.all(clients.map(roleOf))).toSorted();

test('the first account becomes admin, and later ones do not', async () => {
  app = await startTestApp({ env: { ADMIN_EMAIL: '' } });
  expect(await roleOf(await signUp(app.url))).toBe('ADMIN');
  expect(await roleOf(await signUp(app.url))).toBe('USER');
});

test('of many simultaneous first sign-ups through two servers one becomes admin', async () => {
  app = await startTestApp({ env: { ADMIN_EMAIL: '' } });
  const second = await app.startAnother();
  try {
    const clients = await Promise.all(
      Array.from({ length: 12 }, (_, index) => signUp(index % 2 ? app.url : second.url)),
    );
    expect(await rolesOf(clients)).toEqual(['ADMIN', ...Array(11).fill('USER')]);
  } finally {
    await second.close();
  }
});

test('only the account of ADMIN_EMAIL becomes admin, whatever the case of its address', async () => {
  app = await startTestApp({ env: { ADMIN_EMAIL: 'Root@Example.com' } });
  expect(await roleOf(await signUp(app.url))).toBe('USER');
  expect(await roleOf(await signUp(app.url, 'ROOT@example.com'))).toBe('ADMIN');
});

test('a start promotes an existing account that ADMIN_EMAIL names', async () => {
  app = await startTestApp();
  const alice = await signUp(app.url);
  const second = await app.startAnother({ ADMIN_EMAIL: alice.email });
  await second.close();
  expect(await roleOf(alice)).toBe('ADMIN');
});

test('the start logs which account is or will be admin', async () => {
  const log = new Log();
  app = await startTestApp({ log, env: { LOG_LEVEL: 'info' } });
  expect(log.text).toContain('no account has the address ADMIN_EMAIL yet');
  const alice = await signUp(app.url);
  for (const message of ['promoted the account of ADMIN_EMAIL to admin', 'the account of ADMIN_EMAIL is an admin']) {
    await (await app.startAnother({ ADMIN_EMAIL: alice.email })).close();
    expect(log.text).toContain(message);
  }
  const empty = await startTestApp({ log, env: { ADMIN_EMAIL: '', LOG_LEVEL: 'info' } });
  await empty.close();
  expect(log.text).toContain('no account exists yet: the first account to sign up becomes admin');
});
