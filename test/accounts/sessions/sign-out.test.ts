/** An ended session is rejected at once over every transport and by every server; other sessions continue. */
import type { App } from '../../../src/app.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { clientOf, signUp } from '../../support/client.js';
import { ageRefreshes, codeOf, duringUpdate, isAccepted, refresh, signIn, trySignIn, watch } from '../support.js';

let app: TestApp;
let second: App;
beforeAll(async () => {
  app = await startTestApp();
  second = await app.startAnother();
});
afterAll(async () => {
  await second.close();
  await app.close();
});

const signOut = (token: string, everywhere = false) =>
  clientOf(app.url, token).ask(`mutation { signOut(everywhere: ${everywhere}) }`);

async function twoSessions() {
  const alice = await signUp(app.url);
  const here = { token: String(alice.token), refreshToken: alice.refreshToken };
  return { email: alice.email, here, there: await signIn(second.url, alice.email) };
}

test('signing out ends the current session at once, and keeps the other', async () => {
  const { here, there } = await twoSessions();
  expect(await signOut(here.token)).toEqual({ data: { signOut: true } });
  for (const { url } of [app, second]) expect(await isAccepted(url, here.token)).toBe(false);
  expect(codeOf(await refresh(app.url, here.refreshToken))).toBe('UNAUTHENTICATED');
  for (const { url } of [app, second]) expect(await isAccepted(url, there.token)).toBe(true);
  expect((await refresh(app.url, there.refreshToken)).errors).toBeUndefined();
});

test('the sockets of an ended session close with 4403 on every server, and other sockets stay open', async () => {
  const { here, there } = await twoSessions();
  const sockets = await Promise.all([watch(app.url, here.token), watch(second.url, here.token)]);
  const stays = await watch(app.url, there.token);
  await signOut(here.token);
  for (const socket of sockets)
    expect(await socket.closed).toEqual({ code: 4403, reason: 'The credential was revoked' });
  stays.send({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } });
  expect(await stays.next()).toMatchObject({ type: 'next' });
  await stays.close();
});

test('signing out everywhere ends all sessions, and the user can sign in again', async () => {
  const { email, here, there } = await twoSessions();
  const socket = await watch(second.url, there.token);
  await signOut(here.token, true);
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(await isAccepted(app.url, here.token)).toBe(false);
  expect(await isAccepted(app.url, there.token)).toBe(false);
  expect(await isAccepted(app.url, (await signIn(app.url, email)).token)).toBe(true);
});

test('a refresh token reused after its grace period closes the sockets of its session', async () => {
  const { here } = await twoSessions();
  const socket = await watch(app.url, here.token);
  await refresh(app.url, here.refreshToken);
  await ageRefreshes(app, 31);
  expect(codeOf(await refresh(app.url, here.refreshToken))).toBe('UNAUTHENTICATED');
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(await isAccepted(app.url, here.token)).toBe(false);
});

test('a forged refresh token does not end the session that it names', async () => {
  const { here } = await twoSessions();
  const [session, number, signature] = here.refreshToken.split('.');
  for (const forged of [
    `${session}.${number}.AAAA`,
    `${session}.0.${signature}`,
    `${session}.99.${signature}`,
    `${session}`,
  ])
    expect(codeOf(await refresh(app.url, forged))).toBe('UNAUTHENTICATED');
  expect(await isAccepted(app.url, here.token)).toBe(true);
  expect((await refresh(app.url, here.refreshToken)).errors).toBeUndefined();
});

describe('changing the password', () => {
  const change = (token: string, current: string, next: string) =>
    clientOf(app.url, token).ask(
      'mutation ($current: String!, $new: String!) { changePassword(current: $current, new: $new) { accessToken refreshToken } }',
      { current, new: next },
    );

  test('ends every other session, keeps the current one, and makes the new password valid', async () => {
    const { email, here, there } = await twoSessions();
    const [own, other] = [await watch(app.url, here.token), await watch(app.url, there.token)];
    const { data } = await change(here.token, 'correct horse battery', 'another good password');
    expect(await other.closed).toMatchObject({ code: 4403 });
    expect(await isAccepted(app.url, there.token)).toBe(false);
    expect(await isAccepted(app.url, data.changePassword.accessToken)).toBe(true);
    own.send({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } });
    expect(await own.next()).toMatchObject({ type: 'next' });
    await own.close();
    expect(codeOf(await trySignIn(app.url, email))).toBe('INVALID_CREDENTIALS');
    expect((await trySignIn(app.url, email, 'another good password')).errors).toBeUndefined();
    expect((await refresh(app.url, data.changePassword.refreshToken)).errors).toBeUndefined();
  });

  test('with a wrong current or an invalid new password ends no session', async () => {
    const { here, there } = await twoSessions();
    expect(codeOf(await change(here.token, 'wrong', 'another good password'))).toBe('INVALID_CREDENTIALS');
    expect(codeOf(await change(here.token, 'correct horse battery', 'short'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await change(here.token, 'correct horse battery', 'correct horse battery'))).toBe('BAD_USER_INPUT');
    for (const { token } of [here, there]) expect(await isAccepted(app.url, token)).toBe(true);
  });

  test('rejects a simultaneous sign-in with the old password', async () => {
    const { id, email } = await signUp(app.url);
    const attempt = () => trySignIn(app.url, email);
    expect(codeOf(await duringUpdate(app, "password_hash = 'another'", id, attempt))).toBe('INVALID_CREDENTIALS');
  });

  test('twice at the same time succeeds once', async () => {
    const { email, here } = await twoSessions();
    const answers = await Promise.all(
      ['first new password', 'second new password'].map((next) => change(here.token, 'correct horse battery', next)),
    );
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    const works = await Promise.all(
      ['first new password', 'second new password'].map((password) => trySignIn(app.url, email, password)),
    );
    expect(works.filter(({ errors }) => !errors)).toHaveLength(1);
  });
});
