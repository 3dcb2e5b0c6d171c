/** Signing in to an existing account. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, clientOf, signUp } from '../support/client.js';

let app: TestApp;
let alice: Awaited<ReturnType<typeof signUp>>;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const PASSWORD = 'correct horse battery';
const signIn = (email: string, password: string): Promise<Answer> =>
  clientOf(app.url).ask(
    'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken user { id } } }',
    { input: { email, password } },
  );

test('signing in starts a new session', async () => {
  const { data } = await signIn(alice.email, PASSWORD);
  expect(data.signIn.user.id).toBe(alice.id);
  expect(data.signIn.refreshToken).not.toBe(alice.refreshToken);
  const viewer = await clientOf(app.url, data.signIn.accessToken).ask('{ viewer { email } }');
  expect(viewer.data.viewer.email).toBe(alice.email);
});

test('the session refreshed longest ago ends when a user has more than 100 sessions', async () => {
  const { email, token, refreshToken, ask } = await signUp(app.url);
  const { data: second } = await signIn(email, PASSWORD);
  await ask('mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken } }', {
    token: refreshToken,
  });
  // Inserts 98 sessions that were refreshed later, without hashing 98 passwords.
  await app.database.query(
    `insert into sessions
     select made.* from sessions s join users u on u.id = s.user_id cross join generate_series(1, 49) nth,
       jsonb_populate_record(null::sessions, to_jsonb(s)
         || jsonb_build_object('id', md5(s.id::text || nth)::uuid, 'expires_at', clock_timestamp() + interval '1 year')) made
     where u.email = $1`,
    [email],
  );
  const { data: last } = await signIn(email, PASSWORD);
  const newest = await clientOf(app.url, last.signIn.accessToken).ask('{ models { name } }');
  expect(newest.errors).toBeUndefined();
  const first = await clientOf(app.url, token).ask('{ models { name } }');
  expect(first.errors).toBeUndefined();
  const { errors } = await clientOf(app.url, second.signIn.accessToken).ask('{ models { name } }');
  expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
});

test('the case of the address and surrounding spaces do not matter', async () => {
  expect((await signIn(` ${alice.email.toUpperCase()} `, PASSWORD)).errors).toBeUndefined();
});

test('a password matches in every Unicode form', async () => {
  const email = `nfc-${alice.email}`;
  await clientOf(app.url).ask('mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken } }', {
    input: { email, password: 'caf\u00e9 au lait' },
  });
  expect((await signIn(email, 'cafe\u0301 au lait')).errors).toBeUndefined();
});

test('a wrong password and an unknown address have the same error', async () => {
  const wrongPassword = await signIn(alice.email, 'wrong horse battery');
  const unknownAddress = await signIn(`no-${alice.email}`, PASSWORD);
  expect(wrongPassword.errors?.[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
  expect(unknownAddress).toEqual(wrongPassword);
});

test.each<[claim: string, email: string | undefined, password: string]>([
  ['an empty password', undefined, ''],
  ['a password of 100,000 characters', undefined, 'x'.repeat(100_000)],
  ['a password with a NUL character', undefined, `${PASSWORD}\0`],
  ['a password in capitals', undefined, PASSWORD.toUpperCase()],
  ['an address with a NUL character', 'alice\0@example.com', PASSWORD],
  ['an address with an unpaired surrogate', '\ud800@example.com', PASSWORD],
  ['an address that is a pattern', '%@example.com', PASSWORD],
  ['an address that is SQL', "' or '1'='1", PASSWORD],
])('%s is INVALID_CREDENTIALS', async (_, email, password) => {
  const { errors } = await signIn(email ?? alice.email, password);
  expect(errors?.[0]?.extensions).toEqual({ code: 'INVALID_CREDENTIALS' });
});
