/** Signing up. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf } from '../support/client.js';

let app: TestApp;
let anonymous: Client;
beforeAll(async () => {
  app = await startTestApp();
  anonymous = clientOf(app.url);
});
afterAll(() => app?.close());

const PASSWORD = 'correct horse battery';
const SIGN_UP = `mutation ($input: SignUpInput!) {
  signUp(input: $input) {
    accessToken accessTokenExpiresAt refreshToken user { id email name role createdAt }
  }
}`;
const address = () => `${randomUUID()}@example.com`;
const signUp = (input: Record<string, unknown>) => anonymous.ask(SIGN_UP, { input: { password: PASSWORD, ...input } });

test('a new user is signed in for an hour, with the role USER', async () => {
  const email = address();
  const { data, errors } = await signUp({ email, name: ' Alice ' });
  expect(errors).toBeUndefined();
  const { accessToken, accessTokenExpiresAt, user } = data.signUp;
  expect(user).toMatchObject({ email, name: 'Alice', role: 'USER' });
  const secondsLeft = (Date.parse(accessTokenExpiresAt) - Date.now()) / 1000;
  expect(secondsLeft).toBeGreaterThan(3500);
  expect(secondsLeft).toBeLessThanOrEqual(3600);
  const { data: seen } = await clientOf(app.url, accessToken).ask('{ viewer { id email name role createdAt } }');
  expect(seen.viewer).toEqual(user);
});

test('the viewer of an anonymous caller is null', async () => {
  expect(await anonymous.ask('{ viewer { id } }')).toEqual({ data: { viewer: null } });
});

test('an address is one account whatever its case, surrounding spaces and Unicode form', async () => {
  const [local] = address().split('@');
  const { data } = await signUp({ email: ` ${local?.toUpperCase()}-JOS\u00c9@Example.COM ` });
  expect(data.signUp.user.email).toBe(`${local}-jos\u00e9@example.com`);
  for (const email of [`${local}-jos\u00e9@example.com`, `${local}-JOSE\u0301@EXAMPLE.com`]) {
    const { data, errors } = await signUp({ email });
    expect(data).toEqual({ signUp: null });
    expect(errors?.[0]).toMatchObject({ path: ['signUp'], extensions: { code: 'CONFLICT' } });
  }
});

test('fifty simultaneous sign-ups for one address create one account', async () => {
  const email = address();
  const answers = await Promise.all(Array.from({ length: 50 }, () => signUp({ email })));
  const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'created');
  expect(codes.filter((code) => code === 'created')).toHaveLength(1);
  expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(49);
});

test.each([
  ['8 characters', '8 letter'],
  ['8 emoji', '🌄🌊🌲🌋🌾🌙🌻🌈'],
  ['128 characters', 'x'.repeat(128)],
  ['128 emoji', '🌄'.repeat(128)],
])('a password of %s is accepted, and every character counts', async (_, password) => {
  const email = address();
  expect((await signUp({ email, password })).errors).toBeUndefined();
  const signIn = (password: string) =>
    anonymous.ask('mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }', {
      input: { email, password },
    });
  expect((await signIn(password)).errors).toBeUndefined();
  const other = [...password].slice(0, -1).join('');
  expect((await signIn(`${other}y`)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
  expect((await signIn(other)).errors?.[0]?.extensions.code).toBe('INVALID_CREDENTIALS');
});

test.each<[claim: string, field: string, input: Record<string, unknown>]>([
  ['a password of 7 characters', 'password', { password: '7 chars' }],
  ['a password of 7 emoji', 'password', { password: '🌄'.repeat(7) }],
  ['a password of 129 characters', 'password', { password: 'x'.repeat(129) }],
  ['a password with an unpaired surrogate', 'password', { password: `${PASSWORD}\ud800` }],
  ['an address without @', 'email', { email: 'alice' }],
  ['an address with two @', 'email', { email: 'alice@bob@example.com' }],
  ['an address with a space', 'email', { email: 'al ice@example.com' }],
  ['an address with a line break', 'email', { email: 'alice@example.com\r\nbcc: bob@example.com' }],
  ['an address with a NUL character', 'email', { email: 'alice\0@example.com' }],
  ['an address with an unpaired surrogate', 'email', { email: '\ud800@example.com' }],
  ['an address of 255 characters', 'email', { email: `${'x'.repeat(243)}@example.com` }],
  ['an empty address', 'email', { email: ' ' }],
  ['a name of 101 characters', 'name', { name: 'x'.repeat(101) }],
  ['a name with a NUL character', 'name', { name: 'a\0' }],
])('%s is BAD_USER_INPUT', async (_, field, input) => {
  const { data, errors } = await signUp({ email: address(), ...input });
  expect(data).toEqual({ signUp: null });
  expect(errors?.[0]).toMatchObject({ path: ['signUp'], extensions: { code: 'BAD_USER_INPUT', field } });
});

test('signing up with a role is BAD_USER_INPUT', async () => {
  const { errors } = await signUp({ email: address(), role: 'ADMIN' });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a name of spaces is stored as null', async () => {
  expect((await signUp({ email: address(), name: '  ' })).data.signUp.user.name).toBeNull();
});
