/** Security headers of every kind of response. */
import sharp from 'sharp';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const json = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ viewer { id } }' });
const QUERY = '/graphql?query={viewer{id}}';
const PREFLIGHTED = { 'apollo-require-preflight': 'yes' };

const RESPONSES: [claim: string, path: string, init?: RequestInit][] = [
  ['a GraphQL response', '/graphql', { method: 'POST', headers: json, body }],
  ['a GraphQL response by GET', QUERY, { headers: PREFLIGHTED }],
  ['a rejected GET', QUERY],
  ['an invalid document', '/graphql', { method: 'POST', headers: json, body: '{"query":"{"}' }],
  ['a body that is not JSON', '/graphql', { method: 'POST', headers: json, body: '{' }],
  ['a bad credential', '/graphql', { method: 'POST', headers: { ...json, authorization: 'Bearer x' }, body }],
  ['an event stream', '/graphql/stream', { method: 'POST', headers: json, body }],
  ['a rejected event stream', '/graphql/stream'],
  [
    'a CORS preflight',
    '/graphql',
    { method: 'OPTIONS', headers: { origin: 'https://a.example.com', 'access-control-request-method': 'POST' } },
  ],
  ['the redirect from GraphQL to GraphiQL', '/graphql', { headers: { accept: 'text/html' }, redirect: 'manual' }],
  ['the liveness check', '/healthz'],
  ['the readiness check', '/readyz'],
  ['a missing image', '/images/x.png'],
  ['a missing preview', '/previews/x/1.jpg'],
  ['an unknown path', '/nothing'],
  ['a missing asset of a page', '/assets/nothing.js'],
  ['an invalid path', '/assets/%E0%A4%A'],
];

test.each(RESPONSES)(
  '%s has the headers against framing, sniffing, caching and referrers',
  async (_, path, init = {}) => {
    const answer = await fetch(app.url + path, init);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    for (const header of ['x-powered-by', 'server', 'etag', 'set-cookie'])
      expect(answer.headers.get(header)).toBeNull();
    await answer.body?.cancel();
  },
);

test('GraphiQL runs only its own scripts, which are sent compressed, and in no frame', async () => {
  const page = await fetch(`${app.url}/graphiql`);
  const policy = String(page.headers.get('content-security-policy'));
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]),
  );
  expect(policy).not.toContain('unsafe-eval');
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  });
  const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  const asset = await fetch(`${app.url}${script}`);
  expect(Object.fromEntries(asset.headers)).toMatchObject({
    'content-type': expect.stringContaining('javascript'),
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
    vary: 'Accept-Encoding',
  });
  const plain = await fetch(`${app.url}${script}`, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await plain.text()).toBe(await asset.text());
  expect((await fetch(`${app.url}/assets/none.js`)).status).toBe(404);
});

test('a GraphQL response is never 304', async () => {
  const answer = await fetch(app.url + QUERY, {
    headers: { ...PREFLIGHTED, 'if-none-match': 'W/"1"' },
    cache: 'no-cache',
  });
  expect(answer.status).toBe(200);
});

test.each<[claim: string, bytes: () => Promise<Buffer>, contentType: string]>([
  ['HTML appended to a PNG', async () => Buffer.concat([await picture().png().toBuffer(), PAGE]), 'image/png'],
  ['HTML appended to a GIF', async () => Buffer.concat([await picture().gif().toBuffer(), PAGE]), 'image/gif'],
  [
    'HTML in the metadata of a JPEG',
    () =>
      picture()
        .withExif({ IFD0: { ImageDescription: String(PAGE) } })
        .jpeg()
        .toBuffer(),
    'image/jpeg',
  ],
])('%s is served as an image, and runs no script', async (_, bytes, contentType) => {
  app.simulator.at('output', { do: 'write', body: await bytes() });
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  const url = await until(async () => {
    const found = await alice.ask(`{ generation(id: "${data.createGeneration.id}") { result { images { url } } } }`);
    return found.data.generation.result?.images[0].url;
  }, 'the image to exist');
  const answer = await fetch(app.url + url);
  expect(Buffer.from(await answer.arrayBuffer()).includes('<script>')).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': contentType,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
});
const PAGE = Buffer.from('<!doctype html><script>alert(1)</script>');
const picture = () => sharp({ create: { width: 9, height: 9, channels: 3, background: '#123456' } });
