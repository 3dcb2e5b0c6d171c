/** Who is the admin: one, and never by chance. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { Log } from '../support/log.js';

let app: TestApp;
afterEach(() => app.close());

const roleOf = async (client: Client): Promise<string> => (await client.ask('{ viewer { role } }')).data.viewer.role;
const rolesOf = async (clients: Client[]) => (await Promise.all(clients.map(roleOf))).toSorted();

test('the first who signs up is the admin, and nobody after', async () => {
  app = await startTestApp({ env: { ADMIN_EMAIL: '' } });
  expect(await roleOf(await signUp(app.url))).toBe('ADMIN');
  expect(await roleOf(await signUp(app.url))).toBe('USER');
});

test('of many who come first at once, through two servers, one is the admin', async () => {
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

test('where ADMIN_EMAIL names an address its account is the admin’s, however it is written, and the first is not', async () => {
  app = await startTestApp({ env: { ADMIN_EMAIL: 'Root@Example.com' } });
  expect(await roleOf(await signUp(app.url))).toBe('USER');
  expect(await roleOf(await signUp(app.url, 'ROOT@example.com'))).toBe('ADMIN');
});

test('an account that is there already is the admin’s once ADMIN_EMAIL names it', async () => {
  app = await startTestApp();
  const alice = await signUp(app.url);
  const second = await app.startAnother({ ADMIN_EMAIL: alice.email });
  await second.close();
  expect(await roleOf(alice)).toBe('ADMIN');
});

test('the start logs what ADMIN_EMAIL did, and who becomes the admin where it names nobody', async () => {
  const log = new Log();
  app = await startTestApp({ log, env: { LOG_LEVEL: 'info' } });
  expect(log.text).toContain('no account has the address ADMIN_EMAIL yet');
  const alice = await signUp(app.url);
  for (const says of ['promoted the account of ADMIN_EMAIL to admin', 'the account of ADMIN_EMAIL is an admin']) {
    await (await app.startAnother({ ADMIN_EMAIL: alice.email })).close();
    expect(log.text).toContain(says);
  }
  const empty = await startTestApp({ log, env: { ADMIN_EMAIL: '', LOG_LEVEL: 'info' } });
  await empty.close();
  expect(log.text).toContain('no account exists yet: the first account to sign up becomes admin');
});
