/** The page of a public link, without a browser: its texts, its tags for link previews, and its headers. */

import { becomes, create } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { EVERYTHING, everything, get, OPTIONS, share, unshare } from './support.js';

const PROMPT = `<script>alert(1)</script> "a hill" & 'a lake' </title>`;

let app: TestApp;
let alice: Client;
let id: string;
let link: string;
beforeAll(async () => {
  app = await startTestApp(OPTIONS);
  alice = await signUp(app.url);
  ({ id } = await becomes(alice, (await create(alice, { prompt: PROMPT })).id, 'COMPLETED'));
  link = (await share(alice, id)).url;
});
afterAll(() => app?.close());

const textOf = async (url: string): Promise<string> => await (await get(app, url)).text();
/** The content of a tag of Open Graph. */
const tag = (page: string, property: string) =>
  new RegExp(`<meta property="${property}" content="([^"]*)" />`).exec(page)?.[1];

test('a prompt is text, whatever it contains', async () => {
  const page = await textOf(link);
  expect(page).not.toContain('<script');
  expect(page).toContain(
    '<h1>&#60;script&#62;alert(1)&#60;/script&#62; &#34;a hill&#34; &#38; &#39;a lake&#39; &#60;/title&#62;</h1>',
  );
});

test('without a prompt the title names what there is', async () => {
  const graph = { text: EVERYTHING.text, show: EVERYTHING.show };
  const words = await create(alice, { prompt: null, width: null, height: null, steps: null, graph });
  await becomes(alice, words.id, 'COMPLETED');
  expect(await textOf((await share(alice, words.id)).url)).toContain('<h1>A shared text</h1>');
});

test('a link preview has a title and a picture of a reasonable size, with absolute URLs', async () => {
  const page = await textOf(link);
  expect(tag(page, 'og:title')).toContain('a hill');
  const image = String(tag(page, 'og:image'));
  expect(image.startsWith(`${app.url}${link}/thumbnails/`)).toBe(true);
  const answer = await get({ url: '' }, image);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, tag(page, 'og:image:type')]);
  expect([tag(page, 'og:image:width'), tag(page, 'og:image:height')]).toEqual(['64', '64']);
  expect(page).toContain('<meta name="twitter:card" content="summary_large_image" />');
});

test('a link preview has the film and the sound', async () => {
  const { url } = await share(alice, await everything(alice));
  const page = await textOf(url);
  for (const [kind, type] of [
    ['video', 'video/mp4'],
    ['audio', 'audio/flac'],
  ] as const) {
    expect(tag(page, `og:${kind}:type`)).toBe(type);
    const answer = await get({ url: '' }, String(tag(page, `og:${kind}`)));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  }
  expect(page).toContain('a text of a node');
});

test('the page runs no script, loads nothing of other hosts, and asks caches and search engines to keep nothing', async () => {
  const { headers } = await get(app, link);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'nonce-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    ),
    'x-robots-tag': 'noindex, nofollow, noarchive',
    'cache-control': 'private, no-cache',
    'referrer-policy': 'no-referrer',
  });
  const page = await textOf(link);
  expect(page).toContain('<meta name="robots" content="noindex, nofollow, noarchive" />');
  const addresses = [...page.matchAll(/(?:src|href|poster)="([^"]*)"/g)].map(([, address]) => String(address));
  expect(addresses.length).toBeGreaterThan(3);
  expect(addresses.filter((address) => !address.startsWith(link) && !address.startsWith('data:'))).toEqual([]);
});

test('a link that does not work is a page that says so, with status 404', async () => {
  await unshare(alice, id);
  for (const url of [link, '/s/unknown']) {
    const answer = await get(app, url);
    expect([answer.status, answer.headers.get('x-robots-tag')]).toEqual([404, 'noindex, nofollow, noarchive']);
    expect(await answer.text()).toContain('<h1>This link does not work</h1>');
  }
  link = (await share(alice, id)).url;
});

test('under the path of PUBLIC_URL, all addresses begin with it, and link previews with its origin', async () => {
  const other = await app.startAnother({ PUBLIC_URL: 'https://pictures.example.com/comfygraph' });
  const page = await (await get(other, link)).text();
  expect(tag(page, 'og:image')).toMatch(/^https:\/\/pictures\.example\.com\/comfygraph\/s\//);
  expect(page).toContain(`href="/comfygraph${link}/images/`);
  expect((await get(other, `/comfygraph${link}`)).status).toBe(200);
  await other.close();
});
