/** What every answer tells browsers to make of it, whichever door it comes through. */
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
const ASKED = { 'apollo-require-preflight': 'yes' };

const ANSWERS: [claim: string, path: string, init?: RequestInit][] = [
  ['a GraphQL answer', '/graphql', { method: 'POST', headers: json, body }],
  ['a GraphQL answer by GET', QUERY, { headers: ASKED }],
  ['a refusal by GET', QUERY],
  ['a document that is none', '/graphql', { method: 'POST', headers: json, body: '{"query":"{"}' }],
  ['a body that is no JSON', '/graphql', { method: 'POST', headers: json, body: '{' }],
  ['a bad credential', '/graphql', { method: 'POST', headers: { ...json, authorization: 'Bearer x' }, body }],
  ['an event stream', '/graphql/stream', { method: 'POST', headers: json, body }],
  ['an event stream that is refused', '/graphql/stream'],
  [
    'what CORS asks',
    '/graphql',
    { method: 'OPTIONS', headers: { origin: 'https://a.example.com', 'access-control-request-method': 'POST' } },
  ],
  ['the way to GraphiQL', '/', { redirect: 'manual' }],
  ['the way from GraphQL to GraphiQL', '/graphql', { headers: { accept: 'text/html' }, redirect: 'manual' }],
  ['the state of the process', '/healthz'],
  ['the state of its work', '/readyz'],
  ['a picture that is not there', '/images/x.png'],
  ['a preview that is not there', '/previews/x/1.jpg'],
  ['what is not there', '/nothing'],
  ['a part of the page that is not there', '/graphiql/assets/nothing.js'],
  ['a path that is none', '/graphiql/assets/%E0%A4%A'],
];

test.each(ANSWERS)(
  '%s is shown in no frame, taken for nothing else, kept by nobody, and told to no other page',
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

test('GraphiQL runs its own scripts alone, and is shown in no frame', async () => {
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
  const [, script] = /src="(\/graphiql\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  const asset = await fetch(`${app.url}${script}`);
  expect(Object.fromEntries(asset.headers)).toMatchObject({
    'content-type': expect.stringContaining('javascript'),
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  });
});

test('a GraphQL answer is never said to be the same as before', async () => {
  const answer = await fetch(app.url + QUERY, { headers: { ...ASKED, 'if-none-match': 'W/"1"' }, cache: 'no-cache' });
  expect(answer.status).toBe(200);
});

test.each<[claim: string, bytes: () => Promise<Buffer>, contentType: string]>([
  ['a page of HTML behind a PNG', async () => Buffer.concat([await picture().png().toBuffer(), PAGE]), 'image/png'],
  ['a page of HTML behind a GIF', async () => Buffer.concat([await picture().gif().toBuffer(), PAGE]), 'image/gif'],
  [
    'a page of HTML in the words about a JPEG',
    () =>
      picture()
        .withExif({ IFD0: { ImageDescription: String(PAGE) } })
        .jpeg()
        .toBuffer(),
    'image/jpeg',
  ],
])('%s is served as the picture that it also is, and runs nothing', async (_, bytes, contentType) => {
  app.simulator.at('output', { do: 'write', body: await bytes() });
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  const url = await until(async () => {
    const found = await alice.ask(`{ generation(id: "${data.createGeneration.id}") { result { images { url } } } }`);
    return found.data.generation.result?.images[0].url;
  }, 'the picture is there');
  const answer = await fetch(app.url + url);
  expect(Buffer.from(await answer.arrayBuffer()).includes('<script>')).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': contentType,
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  });
});
const PAGE = Buffer.from('<!doctype html><script>alert(1)</script>');
const picture = () => sharp({ create: { width: 9, height: 9, channels: 3, background: '#123456' } });
