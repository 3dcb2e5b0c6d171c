/** No token but the server's own is believed, and none of its own that says what it never says. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, post, signUp } from '../support/client.js';
import { connect, openSocket } from '../support/socket.js';
import { type Claims, claimsOf, expired, forge, SECRET } from './forge.js';

let app: TestApp;
let alice: Awaited<ReturnType<typeof signUp>>;
let genuine: Claims;
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  alice = await signUp(app.url);
  genuine = claimsOf(String(alice.token));
});
afterAll(() => app?.close());

const YEAR_SECONDS = 365 * 86_400;
const now = () => Math.floor(Date.now() / 1000);
const without = (claim: string): Claims => {
  const { [claim]: _, ...rest } = genuine;
  return rest;
};
const tampered = (token: string): string => {
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...genuine, role: 'ADMIN' })).toString('base64url');
  return [header, claims, signature].join('.');
};

test('a token forged with the server’s own key and claims is believed: the forgeries fail for what is wrong with them', async () => {
  const answer = await post(app.url, { query: '{ viewer { id } }' }, forge(genuine));
  expect(await answer.json()).toEqual({ data: { viewer: { id: alice.id } } });
});

describe.each<[claim: string, token: () => string]>([
  ['of no algorithm', () => forge(genuine, { alg: 'none' })],
  ['of no algorithm, in capitals,', () => forge(genuine, { alg: 'NONE' })],
  ['signed by HS512', () => forge(genuine, { alg: 'HS512' })],
  ['signed by HS384', () => forge(genuine, { alg: 'HS384' })],
  ['said to be of RS256', () => forge(genuine, { header: { alg: 'RS256' } })],
  ['signed with another secret', () => forge(genuine, { secret: 'another secret of a good 32 bytes' })],
  ['signed with an empty secret', () => forge(genuine, { secret: '' })],
  [
    'that brings its own key',
    () => forge(genuine, { secret: 'mine', header: { jwk: { kty: 'oct', k: 'bWluZQ' }, kid: '../../dev/null' } }),
  ],
  ['with its signature cut off', () => forge(genuine).replace(/[^.]*$/, '')],
  ['with another signature', () => `${forge(genuine).replace(/[^.]*$/, '')}AAAA`],
  ['with another role than was signed', () => tampered(String(alice.token))],
  ['without an expiry', () => forge(without('exp'))],
  ['without the time it was issued', () => forge(without('iat'))],
  ['without an issuer', () => forge(without('iss'))],
  ['without an audience', () => forge(without('aud'))],
  ['without a session', () => forge(without('sid'))],
  ['without a subject', () => forge(without('sub'))],
  ['without a type', () => forge(without('typ'))],
  ['of another type', () => forge({ ...genuine, typ: 'refresh' })],
  ['of another issuer', () => forge({ ...genuine, iss: 'somebody' })],
  ['for another audience', () => forge({ ...genuine, aud: 'somebody' })],
  ['whose subject is an object', () => forge({ ...genuine, sub: { $ne: null } })],
  ['whose subject is a list', () => forge({ ...genuine, sub: [alice.id] })],
  ['of a session that there is not', () => forge({ ...genuine, sid: randomUUID() })],
  ['of another’s session', () => forge({ ...genuine, sub: randomUUID() })],
  ['of a session that is no id', () => forge({ ...genuine, sid: 'alice' })],
  ['issued long ago, for long', () => forge({ ...genuine, iat: now() - YEAR_SECONDS, exp: now() + YEAR_SECONDS })],
  ['whose expiry is a string', () => forge({ ...genuine, exp: String(now() + 60) })],
  ['that is not good yet', () => forge({ ...genuine, nbf: now() + 3600 })],
  ['whose claims are a string', () => forge('alice')],
  ['that is a refresh token', () => alice.refreshToken],
  ['that is no token', () => 'alice'],
])('a token %s', (_claim, token) => {
  test('is nobody’s over HTTP', async () => {
    const answer = await post(app.url, { query: '{ viewer { id } }' }, token());
    expect(answer.status).toBe(401);
    const { data, errors } = (await answer.json()) as Answer;
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('closes a socket, for good', async () => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token()}` } });
    // Some are seen to be over, which a client may mend by a fresh one.
    expect([4401, 4403]).toContain((await socket.closed).code);
    expect(socket.unread).toEqual([]);
  });
});

describe('a credential that is', () => {
  test.each([
    ['expired', () => `Bearer ${expired(String(alice.token))}`, 4403],
    ['forged', () => `Bearer ${forge(genuine, { secret: 'another' })}`, 4401],
    ['malformed', () => 'Bearer alice', 4401],
    ['not a bearer’s', () => `Basic ${alice.token}`, 4401],
    ['only the word', () => 'Bearer', 4401],
    ['no string', () => 42, 4401],
  ])('%s closes a socket with the code that says whether to come back', async (_claim, authorization, code) => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { authorization: authorization() } });
    const reason = code === 4403 ? 'The token has expired' : 'The token is invalid';
    expect(await socket.closed).toEqual({ code, reason });
    expect(socket.unread).toEqual([]);
  });

  test.each(['authorization', 'Authorization', 'AUTHORIZATION'])('good is found as %s', async (name) => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { [name]: `bearer ${alice.token}` } });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    await socket.close();
  });

  test('in the URL or of an operation counts for nothing', async () => {
    const bob = await signUp(app.url);
    const answer = await fetch(`${app.url}/graphql?access_token=${alice.token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { id } }', extensions: { authorization: `Bearer ${alice.token}` } }),
    });
    expect(await answer.json()).toEqual({ data: { viewer: null } });
    const socket = await connect(app.url, bob.token);
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: '{ viewer { id } }', extensions: { authorization: `Bearer ${alice.token}` } },
    });
    expect((await socket.next()).payload).toEqual({ data: { viewer: { id: bob.id } } });
    await socket.close();
  });
});
