/** Images at their signed URLs: a valid URL is the only permission. */
import { createHmac } from 'node:crypto';
import { SECRET } from '../../accounts/forge.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

type Picture = { id: string; url: string; saved: string; urlExpiresAt: string; byteSize: number };

let app: TestApp;
let alice: Client;
let picture: Picture;
let bytes: Buffer;
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  alice = await signUp(app.url);
  ({ picture } = await drawn());
  bytes = Buffer.from(await (await get(picture.url)).arrayBuffer());
});
afterAll(() => app?.close());

const IMAGES = '{ result { images { id url saved: url(download: true) urlExpiresAt byteSize } } }';
async function drawn(): Promise<{ id: string; picture: Picture }> {
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  const { id } = data.createGeneration;
  const result = await until(async () => {
    const { data } = await alice.ask(`{ generation(id: "${id}") ${IMAGES} }`);
    return data.generation.result;
  }, 'the image to exist');
  return { id, picture: result.images[0] };
}
/** `cache` keeps fetch from adding headers that disable conditional requests. */
async function get(url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(app.url + url, { cache: 'no-cache', ...init });
  // An unread body keeps its connection open after the tests.
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, answer);
}

/** Signs as the server does, so that a test can sign an expired URL. */
function sign(path: string, expiresAt: number): string {
  const key = createHmac('sha256', SECRET).update('signed url').digest();
  const expires = Math.floor(expiresAt / 1000);
  const signature = createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url');
  return `${path}?expires=${expires}&signature=${signature}`;
}
const pathOf = (url: string) => String(url.split('?')[0]);
const queryOf = (url: string) => String(url.split('?')[1]);

test('a URL is root-relative, has the extension in its path, and an expiry', () => {
  expect(picture.url).toMatch(/^\/images\/[0-9a-f-]{36}\.png\?/);
  const daysLeft = (Date.parse(picture.urlExpiresAt) - Date.now()) / 86_400_000;
  expect(daysLeft).toBeGreaterThan(1);
  expect(daysLeft).toBeLessThanOrEqual(2);
});

test('a URL stays the same in later responses', async () => {
  const { data } = await alice.ask(`query ($id: ID!) { node(id: $id) { ... on Image { url } } }`, { id: picture.id });
  expect(data.node.url).toBe(picture.url);
});

test('an image needs no credential, has its exact type, and is cacheable only privately', async () => {
  const answer = await get(picture.url);
  expect(answer.status).toBe(200);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(bytes.length).toBe(picture.byteSize);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(picture.byteSize),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': expect.stringMatching(/^private, max-age=\d+, immutable$/),
    'accept-ranges': 'bytes',
  });
  expect(answer.headers.get('content-disposition')).toBeNull();
});

test('a download URL makes a browser save the file', async () => {
  const answer = await get(picture.saved);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=x-${picture.id.slice(-6)}.png`);
});

test('HEAD returns the headers and no body', async () => {
  const answer = await get(picture.url, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-length')).toBe(String(picture.byteSize));
  expect((await answer.arrayBuffer()).byteLength).toBe(0);
});

test('a cached image gets 304', async () => {
  const etag = String((await get(picture.url, { method: 'HEAD' })).headers.get('etag'));
  expect(etag).toMatch(/^"[0-9a-f]+"$/);
  const again = await get(picture.url, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  expect((await get(picture.url, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
});

test.each([
  ['the first bytes', 'bytes=0-99', 0, 100],
  ['the last bytes', 'bytes=-50', -50, undefined],
  ['the bytes from the middle on', 'bytes=100-', 100, undefined],
])('a range returns only %s', async (_, range, start, end) => {
  const answer = await get(picture.url, { headers: { range } });
  expect(answer.status).toBe(206);
  const part = bytes.subarray(start, end);
  const from = start < 0 ? bytes.length + start : start;
  expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${from + part.length - 1}/${bytes.length}`);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(part);
});

test.each([
  ['several ranges', { range: 'bytes=0-9,20-29' }],
  ['a range in another unit', { range: 'items=0-9' }],
  ['a range of another version', { range: 'bytes=0-9', 'if-range': '"another"' }],
  ['a range of an older version', { range: 'bytes=0-9', 'if-range': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
])('%s: the response is the whole picture', async (_, headers) => {
  const answer = await get(picture.url, { headers });
  expect(answer.status).toBe(200);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
});

test('a range of the current version is sent, and HEAD returns its length', async () => {
  const etag = String((await get(picture.url, { method: 'HEAD' })).headers.get('etag'));
  const headers = { range: 'bytes=0-9', 'if-range': etag };
  expect((await get(picture.url, { headers })).status).toBe(206);
  const head = await get(picture.url, { method: 'HEAD', headers });
  expect(head.status).toBe(206);
  expect(head.headers.get('content-length')).toBe('10');
});

test('a range beyond the end gets 416 with the length', async () => {
  const answer = await get(picture.url, { headers: { range: 'bytes=99999999-' } });
  expect(answer.status).toBe(416);
  expect(answer.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
});

test('a failed precondition gets 412', async () => {
  expect((await get(picture.url, { headers: { 'if-match': '"another"' } })).status).toBe(412);
  const past = { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' };
  expect((await get(picture.url, { headers: past })).status).toBe(412);
});

test('a URL that the test signs is served, so the URLs below fail for their own reason', async () => {
  expect((await get(sign(pathOf(picture.url), Date.now() + 60_000))).status).toBe(200);
});

describe('404 is returned', () => {
  test.each<[claim: string, url: () => string]>([
    ['without a signature', () => pathOf(picture.url)],
    ['with an empty signature', () => picture.url.replace(/signature=.*/, 'signature=')],
    ['with another signature', () => picture.url.replace(/signature=.{4}/, 'signature=AAAA')],
    ['with two signatures', () => `${picture.url}&signature=x`],
    ['with another expiry', () => picture.url.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 86_400}`)],
    ['with an expiry that is not a number', () => picture.url.replace(/expires=\d+/, 'expires=x')],
    ['after the expiry', () => sign(pathOf(picture.url), Date.now() - 1_000)],
    ['with the signature of another path', () => `/previews/${picture.id}/1.jpg?${queryOf(picture.url)}`],
    ['with another extension', () => picture.url.replace('.png', '.jpg')],
    ['with the id in capitals', () => picture.url.replace(picture.id, picture.id.toUpperCase())],
    ['with a slash at the end of the path', () => picture.url.replace('.png', '.png/')],
    ['for an unknown id', () => sign('/images/01890000-0000-7000-8000-000000000000.png', Date.now() + 60_000)],
    ['for an invalid id', () => sign('/images/x.png', Date.now() + 60_000)],
    ['for a path traversal', () => sign('/images/..%2F..%2Fetc%2Fpasswd', Date.now() + 60_000)],
    [
      'for a preview of a generation that is not running',
      () => sign(`/previews/${picture.id}/1.jpg`, Date.now() + 60_000),
    ],
    ['for a preview of an invalid id', () => sign('/previews/x/1.jpg', Date.now() + 60_000)],
  ])('%s', async (_, url) => {
    const etag = String((await get(picture.url, { method: 'HEAD' })).headers.get('etag'));
    for (const init of [
      {},
      { method: 'HEAD' },
      { headers: { 'if-none-match': etag } },
      { headers: { range: 'bytes=0-1' } },
    ]) {
      const answer = await get(url(), init);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('etag')).not.toBe(etag);
    }
  });

  test('once the generation is deleted', async () => {
    const { id, picture } = await drawn();
    expect((await get(picture.url)).status).toBe(200);
    await alice.ask(`mutation { deleteGeneration(id: "${id}") }`);
    expect((await get(picture.url)).status).toBe(404);
  });
});
