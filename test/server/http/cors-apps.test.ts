/** CORS_ORIGIN accepts the origins of apps and extensions, and allows credentials for them. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, post, signUp } from '../../support/client.js';
import { openSocket } from '../../support/socket.js';

const FRIENDS = [
  'https://a.example.com',
  'tauri://localhost',
  'capacitor://localhost',
  'ionic://localhost',
  'app://-',
  'file://',
  'chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai',
  'moz-extension://6d4b1ac4-2b5f-4b1f-9f5d-1c1c2a0f5b7e',
  'safari-web-extension://6D4B1AC4-2B5F-4B1F-9F5D-1C1C2A0F5B7E',
  'vscode-webview://1abc',
  'http://tauri.localhost',
  'http://[::1]:3000',
  'null',
];
const QUERY = { query: '{ __typename }' };

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { CORS_ORIGIN: ` ${FRIENDS.join(', ')} ` } });
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const preflight = (origin: string) =>
  fetch(`${app.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
const permissions = ({ headers }: Response) => ({
  origin: headers.get('access-control-allow-origin'),
  credentials: headers.get('access-control-allow-credentials'),
});

test.each(FRIENDS)('a page of %s may call the API with credentials and open a socket', async (origin) => {
  const expected = { origin, credentials: 'true' };
  expect(permissions(await preflight(origin))).toEqual(expected);
  expect(permissions(await post(app.url, QUERY, alice.token, { origin }))).toEqual(expected);
  const stream = await post(app.url, QUERY, alice.token, { origin, accept: 'text/event-stream' });
  expect(permissions(stream)).toEqual(expected);
  await stream.body?.cancel();
  await (await openSocket(app.url, { origin })).close();
});

test.each(['tauri://evil', 'capacitor://localhost:1', 'chrome-extension://x', 'https://localhost', 'NULL'])(
  'a page of %s, which is not listed, may not call the API',
  async (origin) => {
    expect(permissions(await preflight(origin)).origin).toBeNull();
    await expect(openSocket(app.url, { origin })).rejects.toThrow('403');
  },
);

test('the server’s host with another scheme is another origin', async () => {
  const { host } = new URL(app.url);
  await expect(openSocket(app.url, { origin: `evil://${host}` })).rejects.toThrow('403');
  for (const scheme of ['http', 'https']) await (await openSocket(app.url, { origin: `${scheme}://${host}` })).close();
});

test('a page may read X-Request-Id and Retry-After', async () => {
  const answer = await post(app.url, QUERY, alice.token, { origin: 'tauri://localhost' });
  const exposed = answer.headers.get('access-control-expose-headers')?.split(',');
  expect(exposed).toEqual(expect.arrayContaining(['X-Request-Id', 'Retry-After']));
  expect(answer.headers.get('x-request-id')).toBeTruthy();
});
