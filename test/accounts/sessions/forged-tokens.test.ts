/** The server accepts only tokens that it signed, with the claims that it issues. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Answer, post, signUp } from '../../support/client.js';
import { connect, openSocket } from '../../support/socket.js';
import { type Claims, claimsOf, expired, forge, SECRET } from '../forge.js';

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

test('a token with the server’s own key and claims is accepted, so that each forgery fails for its own fault', async () => {
  const answer = await post(app.url, { query: '{ viewer { id } }' }, forge(genuine));
  expect(await answer.json()).toEqual({ data: { viewer: { id: alice.id } } });
});

describe.each<[claim: string, token: () => string]>([
  ['without an algorithm', () => forge(genuine, { alg: 'none' })],
  ['with the algorithm NONE', () => forge(genuine, { alg: 'NONE' })],
  ['signed by HS512', () => forge(genuine, { alg: 'HS512' })],
  ['signed by HS384', () => forge(genuine, { alg: 'HS384' })],
  ['with the algorithm RS256 in its header', () => forge(genuine, { header: { alg: 'RS256' } })],
  ['signed with another secret', () => forge(genuine, { secret: 'another secret of at least 32 bytes' })],
  ['signed with an empty secret', () => forge(genuine, { secret: '' })],
  [
    'with a key in its header',
    () => forge(genuine, { secret: 'mine', header: { jwk: { kty: 'oct', k: 'bWluZQ' }, kid: '../../dev/null' } }),
  ],
  ['without a signature', () => forge(genuine).replace(/[^.]*$/, '')],
  ['with another signature', () => `${forge(genuine).replace(/[^.]*$/, '')}AAAA`],
  ['with a role added after signing', () => tampered(String(alice.token))],
  ['without an expiry', () => forge(without('exp'))],
  ['without an issue time', () => forge(without('iat'))],
  ['without an issuer', () => forge(without('iss'))],
  ['without an audience', () => forge(without('aud'))],
  ['without a session', () => forge(without('sid'))],
  ['without a subject', () => forge(without('sub'))],
  ['without a type', () => forge(without('typ'))],
  ['of another type', () => forge({ ...genuine, typ: 'refresh' })],
  ['of another issuer', () => forge({ ...genuine, iss: 'somebody' })],
  ['for another audience', () => forge({ ...genuine, aud: 'somebody' })],
  ['with an object as subject', () => forge({ ...genuine, sub: { $ne: null } })],
  ['with a list as subject', () => forge({ ...genuine, sub: [alice.id] })],
  ['of an unknown session', () => forge({ ...genuine, sid: randomUUID() })],
  ['of another user’s session', () => forge({ ...genuine, sub: randomUUID() })],
  ['of a malformed session id', () => forge({ ...genuine, sid: 'alice' })],
  ['with a lifetime of two years', () => forge({ ...genuine, iat: now() - YEAR_SECONDS, exp: now() + YEAR_SECONDS })],
  ['with a string as expiry', () => forge({ ...genuine, exp: String(now() + 60) })],
  ['that is not valid yet', () => forge({ ...genuine, nbf: now() + 3600 })],
  ['with a string as claims', () => forge('alice')],
  ['that is a refresh token', () => alice.refreshToken],
  ['that is not a JWT', () => 'alice'],
])('a token %s', (_claim, token) => {
  test('is rejected over HTTP', async () => {
    const answer = await post(app.url, { query: '{ viewer { id } }' }, token());
    expect(answer.status).toBe(401);
    const { data, errors } = (await answer.json()) as Answer;
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  test('closes a socket', async () => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token()}` } });
    // An expired token has its own code: the client may retry with a new token.
    expect([4401, 4403]).toContain((await socket.closed).code);
    expect(socket.unread).toEqual([]);
  });
});

describe('a credential', () => {
  test.each([
    ['that is expired', () => `Bearer ${expired(String(alice.token))}`, 4403],
    ['that is forged', () => `Bearer ${forge(genuine, { secret: 'another' })}`, 4401],
    ['that is malformed', () => 'Bearer alice', 4401],
    ['of another scheme', () => `Basic ${alice.token}`, 4401],
    ['without a token', () => 'Bearer', 4401],
    ['that is not a string', () => 42, 4401],
  ])('%s closes a socket with the code that says whether to reconnect', async (_claim, authorization, code) => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { authorization: authorization() } });
    const reason = code === 4403 ? 'The token has expired' : 'The token is invalid';
    expect(await socket.closed).toEqual({ code, reason });
    expect(socket.unread).toEqual([]);
  });

  test.each(['authorization', 'Authorization', 'AUTHORIZATION'])('is found under the name %s', async (name) => {
    const socket = await openSocket(app.url);
    socket.send({ type: 'connection_init', payload: { [name]: `bearer ${alice.token}` } });
    expect(await socket.next()).toEqual({ type: 'connection_ack' });
    await socket.close();
  });

  test('in the URL or in the extensions is ignored', async () => {
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
