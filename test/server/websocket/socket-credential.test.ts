/** The places where a WebSocket client may send its credential; in any other place the close reason says where it belongs. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { openSocket, type SocketOptions } from '../../support/socket.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
let apiKey: string;
beforeAll(async () => {
  app = await startTestApp();
  [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  apiKey = (await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }')).data.createApiKey.secret;
});
afterAll(() => app?.close());

type Presenting = [payload: unknown, options?: SocketOptions];
const token = () => String(alice.token);
const bearer = () => `Bearer ${alice.token}`;

/** @returns the viewer's id, null for an anonymous socket, or how the socket closes */
async function authenticate([payload, options]: Presenting) {
  const socket = await openSocket(app.url, options);
  socket.send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) });
  const acknowledged = await socket.next().then(
    () => true,
    () => false,
  );
  if (!acknowledged) return await socket.closed;
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
  const { payload: answer } = await socket.next();
  await socket.close();
  return answer.data.viewer?.id ?? null;
}

test.each<[form: string, presenting: () => Presenting]>([
  ['the header of the upgrade, without a payload', () => [undefined, { headers: { authorization: bearer() } }]],
  ['the header of the upgrade, beside other params', () => [{ client: 'x' }, { headers: { authorization: bearer() } }]],
  ['the header beside an empty authorization', () => [{ authorization: '' }, { headers: { authorization: bearer() } }]],
  ['authorization', () => [{ authorization: bearer() }]],
  ['Authorization', () => [{ Authorization: bearer() }]],
  ['AUTHORIZATION', () => [{ AUTHORIZATION: bearer() }]],
  ['headers.Authorization', () => [{ headers: { Authorization: bearer() } }]],
  ['headers.authorization', () => [{ headers: { authorization: bearer(), 'content-type': 'application/json' } }]],
  ['Headers.AUTHORIZATION', () => [{ Headers: { AUTHORIZATION: bearer() } }]],
  ['authToken', () => [{ authToken: token() }]],
  ['authToken with its scheme', () => [{ authToken: bearer() }]],
  ['auth_token', () => [{ auth_token: token() }]],
  ['token', () => [{ token: token() }]],
  ['accessToken', () => [{ accessToken: token() }]],
  ['apiKey', () => [{ apiKey }]],
  ['x-api-key', () => [{ 'x-api-key': apiKey }]],
  ['an API key as authorization', () => [{ authorization: `Bearer ${apiKey}` }]],
])('a socket is authenticated by %s', async (_, presenting) => {
  expect(await authenticate(presenting())).toBe(alice.id);
});

test.each<[claim: string, presenting: () => Presenting]>([
  [
    'authorization before headers.Authorization',
    () => [{ authorization: `Bearer ${bob.token}`, headers: { authorization: bearer() } }],
  ],
  [
    'headers.Authorization before authToken',
    () => [{ authToken: token(), headers: { authorization: `Bearer ${bob.token}` } }],
  ],
  [
    'authToken before the header of the upgrade',
    () => [{ authToken: bob.token }, { headers: { authorization: bearer() } }],
  ],
])('the first of two credentials counts: %s', async (_, presenting) => {
  expect(await authenticate(presenting())).toBe(bob.id);
});

const UNREADABLE = {
  code: 4401,
  reason: 'Send the credential in connectionParams as "authorization": "Bearer <token>"',
};
test.each<[form: string, presenting: () => Presenting]>([
  ['authorization without a scheme', () => [{ authorization: token() }]],
  ['headers.Authorization without a scheme', () => [{ headers: { Authorization: token() } }]],
  ['auth', () => [{ auth: { token: token() } }]],
  ['jwt', () => [{ jwt: token() }]],
  ['bearerToken', () => [{ bearerToken: token() }]],
  ['idToken', () => [{ idToken: token() }]],
  ['a token among headers', () => [{ headers: { 'x-access-token': token() } }]],
  ['a token deep in the params', () => [{ context: { user: { token: token() } } }]],
  ['the URL', () => [undefined, { search: `?token=${token()}` }]],
  ['the URL as authorization', () => [{}, { search: `?authorization=${encodeURIComponent(bearer())}` }]],
])('a credential by %s closes the socket, and the reason says where it belongs', async (_, presenting) => {
  expect(await authenticate(presenting())).toEqual(UNREADABLE);
});

test.each<[form: string, presenting: () => Presenting]>([
  ['the header of the upgrade', () => [undefined, { headers: { authorization: 'Bearer x' } }]],
  ['another scheme in that header', () => [undefined, { headers: { authorization: 'Basic x' } }]],
  ['authToken', () => [{ authToken: 'x' }]],
  ['authToken as an object', () => [{ authToken: {} }]],
  ['headers.Authorization', () => [{ headers: { Authorization: 'Bearer x' } }]],
])('an invalid token by %s closes the socket with 4401', async (_, presenting) => {
  expect(await authenticate(presenting())).toEqual({ code: 4401, reason: 'The token is invalid' });
});

test.each<[claim: string, presenting: () => Presenting]>([
  ['no params', () => [undefined]],
  ['empty params', () => [{ authorization: null, authToken: '', headers: {}, token: null }]],
  ['params about something else', () => [{ clientName: 'x', author: 'y', headers: { 'x-csrf-token': 'z' } }]],
  ['a cookie', () => [undefined, { headers: { cookie: `token=${token()}` } }]],
])('a socket with %s is acknowledged as anonymous', async (_, presenting) => {
  expect(await authenticate(presenting())).toBeNull();
});

test.each(['/', '//'])('a path with a trailing %s behaves as without', async (slash) => {
  const query = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' };
  for (const path of ['/graphql', '/graphql/stream'])
    expect((await fetch(`${app.url}${path}${slash}`, query)).status).toBe(200);
  for (const path of ['/healthz', '/readyz']) expect((await fetch(`${app.url}${path}/`)).status).toBe(200);
  const socket = await openSocket(app.url, { search: `${slash}?x=1` });
  socket.send({ type: 'connection_init' });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
  await socket.close();
});

test.each(['/x', 's', '/stream'])('a socket at /graphql%s is rejected', async (tail) => {
  await expect(openSocket(app.url, { search: tail })).rejects.toThrow('400');
});
