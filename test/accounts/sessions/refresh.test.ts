/** A refresh token is valid for one use; within the grace period it returns the same successor again. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, clientOf, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { ageRefreshes } from '../support.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const refresh = (refreshToken: string, url = app.url): Promise<Answer> =>
  clientOf(url).ask(
    'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken user { id } } }',
    { token: refreshToken },
  );
const expectRejected = ({ data, errors }: Answer) => {
  expect(data).toEqual({ refreshSession: null });
  expect(errors?.[0]).toMatchObject({ path: ['refreshSession'], extensions: { code: 'UNAUTHENTICATED' } });
};

test('refreshing repeatedly returns a valid access token and the next refresh token', async () => {
  const alice = await signUp(app.url);
  let token = alice.refreshToken;
  for (const _ of [1, 2, 3]) {
    const { data } = await refresh(token);
    expect(data.refreshSession.user.id).toBe(alice.id);
    expect(data.refreshSession.refreshToken).not.toBe(token);
    const viewer = await clientOf(app.url, data.refreshSession.accessToken).ask('{ viewer { id } }');
    expect(viewer.data.viewer.id).toBe(alice.id);
    token = data.refreshSession.refreshToken;
  }
});

const age = (seconds: number) => ageRefreshes(app, seconds);
const successorOf = ({ data }: Answer): string => data.refreshSession.refreshToken;
const isSignedIn = async ({ data }: Answer, url = app.url): Promise<boolean> =>
  (await clientOf(url, data.refreshSession.accessToken).ask('{ viewer { id } }')).data?.viewer != null;

test('a token reused within 30 seconds returns the same successor, and the session continues', async () => {
  const { refreshToken } = await signUp(app.url);
  const first = await refresh(refreshToken);
  await age(25);
  const second = await refresh(refreshToken);
  expect(successorOf(second)).toBe(successorOf(first));
  for (const answer of [first, second]) expect(await isSignedIn(answer)).toBe(true);
  expect((await refresh(successorOf(second))).errors).toBeUndefined();
});

test('each of several tokens used within 30 seconds returns its own successor', async () => {
  const { refreshToken } = await signUp(app.url);
  const tokens = [refreshToken];
  for (const _ of [1, 2, 3]) tokens.push(successorOf(await refresh(String(tokens.at(-1)))));
  for (const [index, token] of tokens.slice(0, -1).entries())
    expect(successorOf(await refresh(token))).toBe(tokens[index + 1]);
  expect((await refresh(String(tokens.at(-1)))).errors).toBeUndefined();
});

test('a token reused after 30 seconds ends its session: the newest token is rejected too', async () => {
  const { refreshToken } = await signUp(app.url);
  const { data } = await refresh(refreshToken);
  await age(31);
  expectRejected(await refresh(refreshToken));
  expectRejected(await refresh(data.refreshSession.refreshToken));
});

test('reusing a token does not extend its 30 seconds', async () => {
  const { refreshToken } = await signUp(app.url);
  await refresh(refreshToken);
  await age(20);
  await refresh(refreshToken);
  await age(11);
  expectRejected(await refresh(refreshToken));
});

test('ten simultaneous refreshes of one token through two servers return the same successor', async () => {
  const { refreshToken } = await signUp(app.url);
  const other = await app.startAnother();
  try {
    const urls = Array.from({ length: 10 }, (_, index) => (index % 2 ? app.url : other.url));
    const answers = await Promise.all(urls.map((url) => refresh(refreshToken, url)));
    expect(new Set(answers.map(successorOf)).size).toBe(1);
    expect((await refresh(successorOf(answers[0] as Answer))).errors).toBeUndefined();
  } finally {
    await other.close();
  }
});

test('a token is rejected at once after a sign-out', async () => {
  const { refreshToken } = await signUp(app.url);
  const { data } = await refresh(refreshToken);
  await clientOf(app.url, data.refreshSession.accessToken).ask('mutation { signOut }');
  expectRejected(await refresh(refreshToken));
});

test('earlier tokens are rejected at once after a password change', async () => {
  const { refreshToken } = await signUp(app.url);
  const { data } = await refresh(refreshToken);
  const changed = await clientOf(app.url, data.refreshSession.accessToken).ask(
    'mutation { changePassword(current: "correct horse battery", new: "another horse battery") { refreshToken } }',
  );
  expect(changed.errors).toBeUndefined();
  expectRejected(await refresh(refreshToken));
});

test('ending a session keeps the other sessions of the user', async () => {
  const alice = await signUp(app.url);
  const { data } = await clientOf(app.url).ask(
    'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse battery" }) { refreshToken } }',
    { email: alice.email },
  );
  await refresh(alice.refreshToken);
  await age(31);
  expectRejected(await refresh(alice.refreshToken));
  expect((await refresh(data.signIn.refreshToken)).errors).toBeUndefined();
});

test('an expired refresh token is rejected', async () => {
  const brief = await startTestApp({ env: { REFRESH_TOKEN_SECONDS: '1' } });
  try {
    const { refreshToken } = await signUp(brief.url);
    const issuedAt = Date.now();
    await until(() => Date.now() - issuedAt > 1_000, 'a second to pass');
    expectRejected(await refresh(refreshToken, brief.url));
  } finally {
    await brief.close();
  }
});

test('a malformed refresh token with the id of an existing session is rejected', async () => {
  const { refreshToken } = await signUp(app.url);
  const [session] = refreshToken.split('.');
  expectRejected(await refresh(`${session}.wrong`));
});

test.each([
  ['an access token', async () => String((await signUp(app.url)).token)],
  ['nothing', () => ''],
  ['an unknown session', () => '01890000-0000-7000-8000-000000000000.secret'],
  ['36 dashes', () => `${'-'.repeat(36)}.secret`],
  ['a NUL character', () => '\0.\0'],
  ['100,000 characters', () => 'x'.repeat(100_000)],
])('%s instead of a refresh token is rejected', async (_, token) => {
  expectRejected(await refresh(await token()));
});
