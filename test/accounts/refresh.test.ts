/** Staying signed in: a refresh token is good for one use. */
import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';

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
const expectRefused = ({ data, errors }: Answer) => {
  expect(data).toEqual({ refreshSession: null });
  expect(errors?.[0]).toMatchObject({ path: ['refreshSession'], extensions: { code: 'UNAUTHENTICATED' } });
};

test('refreshing answers with a good access token and the next refresh token, again and again', async () => {
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

test('using one twice ends its session: the newest is dead too', async () => {
  const { refreshToken } = await signUp(app.url);
  const { data } = await refresh(refreshToken);
  expectRefused(await refresh(refreshToken));
  expectRefused(await refresh(data.refreshSession.refreshToken));
});

test('used by ten at once it is good for one, and its session is over', async () => {
  const { refreshToken } = await signUp(app.url);
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));
  const [good, ...more] = answers.filter(({ errors }) => !errors);
  expect(more).toEqual([]);
  expectRefused(await refresh(good?.data.refreshSession.refreshToken));
});

test('ending a session leaves the user’s others alone', async () => {
  const alice = await signUp(app.url);
  const { data } = await clientOf(app.url).ask(
    'mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse battery" }) { refreshToken } }',
    { email: alice.email },
  );
  await refresh(alice.refreshToken);
  expectRefused(await refresh(alice.refreshToken));
  expect((await refresh(data.signIn.refreshToken)).errors).toBeUndefined();
});

test('an expired one is refused', async () => {
  const brief = await startTestApp({ env: { REFRESH_TOKEN_SECONDS: '1' } });
  try {
    const { refreshToken } = await signUp(brief.url);
    const issuedAt = Date.now();
    await until(() => Date.now() - issuedAt > 1_000, 'a second has passed');
    expectRefused(await refresh(refreshToken, brief.url));
  } finally {
    await brief.close();
  }
});

test('the right session with a secret that never was is refused', async () => {
  const { refreshToken } = await signUp(app.url);
  const [session] = refreshToken.split('.');
  expectRefused(await refresh(`${session}.wrong`));
});

test.each([
  ['an access token', async () => String((await signUp(app.url)).token)],
  ['nothing', () => ''],
  ['a session that there is not', () => '01890000-0000-7000-8000-000000000000.secret'],
  ['36 dashes', () => `${'-'.repeat(36)}.secret`],
  ['a NUL character', () => '\0.\0'],
  ['100,000 characters', () => 'x'.repeat(100_000)],
])('%s in place of a refresh token is refused', async (_, token) => {
  expectRefused(await refresh(await token()));
});
