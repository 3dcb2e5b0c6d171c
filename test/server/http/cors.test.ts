/** CORS_ORIGIN decides which pages may call the server, over HTTP and on a socket. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { post } from '../../support/client.js';
import { openSocket } from '../../support/socket.js';

const FRIENDS = ['https://a.example.com', 'http://localhost:3000'];
const STRANGER = 'https://evil.example';
const QUERY = { query: '{ __typename }' };

let open: TestApp;
let closed: TestApp;
beforeAll(async () => {
  [open, closed] = await Promise.all([startTestApp(), startTestApp({ env: { CORS_ORIGIN: FRIENDS.join(',') } })]);
});
afterAll(() => Promise.all([open?.close(), closed?.close()]));

const allowed = async ({ url }: TestApp, origin: string) =>
  (await post(url, QUERY, undefined, { origin })).headers.get('access-control-allow-origin');
const preflight = ({ url }: TestApp, origin: string) =>
  fetch(`${url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
/** Whether a page of this origin may open a socket. */
const connects = async ({ url }: TestApp, origin?: string): Promise<boolean | string> => {
  try {
    await (await openSocket(url, origin === undefined ? {} : { origin })).close();
    return true;
  } catch (error) {
    return (error as Error).message;
  }
};
const REFUSED = 'Unexpected server response: 403';

test('without CORS_ORIGIN every page may call the server, without credentials', async () => {
  expect(await allowed(open, STRANGER)).toBe('*');
  const answer = await preflight(open, STRANGER);
  expect(answer.status).toBe(204);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(await connects(open, STRANGER)).toBe(true);
});

test.each(FRIENDS)('%s, which is listed, may call the server', async (friend) => {
  expect(await allowed(closed, friend)).toBe(friend);
  expect((await preflight(closed, friend)).headers.get('access-control-allow-origin')).toBe(friend);
  expect(await connects(closed, friend)).toBe(true);
});

test('caches keep responses per origin', async () => {
  expect((await post(closed.url, QUERY, undefined, { origin: STRANGER })).headers.get('vary')).toMatch(/\borigin\b/i);
});

test.each([
  STRANGER,
  'http://a.example.com',
  'https://a.example.com.evil.example',
  'https://a.example.com:444',
  'null',
])('%s, which is not listed, may not call the server', async (stranger) => {
  expect(await allowed(closed, stranger)).toBeNull();
  expect((await preflight(closed, stranger)).headers.get('access-control-allow-origin')).toBeNull();
  expect(await connects(closed, stranger)).toBe(REFUSED);
});

test('the server’s own pages and programs may always call it', async () => {
  expect(await connects(closed, closed.url)).toBe(true);
  expect(await connects(closed)).toBe(true);
  expect((await post(closed.url, QUERY)).status).toBe(200);
});
