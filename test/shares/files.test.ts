/** The files of a public link: bytes without metadata, and the headers of browsers, caches and search engines. */

import { dataOf, sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { Log } from '../support/log.js';
import { addressesOf, everything, get, OPTIONS, open, type Share, type SharedGeneration, share } from './support.js';

const log = new Log();
let app: TestApp;
let alice: Client;
let id: string;
let link: Share;
let shared: SharedGeneration;
beforeAll(async () => {
  app = await startTestApp({ ...OPTIONS, env: { ...OPTIONS.env, LOG_LEVEL: 'trace' }, log });
  alice = await signUp(app.url);
  id = await everything(alice);
  link = await share(alice, id);
  shared = await open(clientOf(app.url), link.token);
});
afterAll(() => app?.close());

const all = () => [...shared.images, ...shared.files];

test('the bytes tell nothing of how they were made, and the owner’s still do', async () => {
  const OWN = `query ($id: ID!) { generation(id: $id) { result { images { url } } } }`;
  const { result } = (await dataOf(alice.ask(OWN, { id }))).generation;
  const bytesOf = async (url: string) => Buffer.from(await (await get(app, url)).arrayBuffer()).toString('latin1');
  for (const { url } of result.images) expect(await bytesOf(url)).toContain('class_type');
  for (const url of addressesOf(link, shared))
    for (const word of ['class_type', 'EmptyImage', 'workflow']) expect(await bytesOf(url)).not.toContain(word);
});

test('a copy is made once, and stored beside its file', async () => {
  const [{ count = 0 } = {}] = await sql<{ count: number }>(app, 'select count(*)::int as count from blobs');
  for (const { url } of all()) await Promise.all(Array.from({ length: 5 }, () => get(app, url)));
  expect(await sql(app, 'select count(*)::int as count from blobs')).toEqual([{ count }]);
});

/** What the page that a browser makes of a file may do, by its kind. */
const ALLOWED: Record<string, string> = {
  image: "style-src 'unsafe-inline'; sandbox",
  text: 'sandbox',
  video: "media-src 'self'",
  audio: "media-src 'self'",
};

test('a file has its type, cannot run, and is neither kept by caches nor by search engines', async () => {
  for (const { url, contentType, byteSize } of all()) {
    const answer = await get(app, url);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': contentType,
      'content-length': String(byteSize),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        new RegExp(`^default-src 'none'; ${ALLOWED[contentType.split('/')[0] ?? '']}; frame-ancestors 'none'$`),
      ),
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-cache',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'accept-ranges': 'bytes',
    });
    expect(answer.headers.get('content-disposition')).toBeNull();
  }
});

test('HEAD, a range and a known ETag are answered as for other files', async () => {
  const [{ url = '', byteSize = 0 } = {}] = shared.files;
  const head = await get(app, url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, String(byteSize), null]);
  const whole = Buffer.from(await (await get(app, url)).arrayBuffer());
  const part = await get(app, url, { headers: { range: 'bytes=4-7' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 4-7/${byteSize}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(4, 8));
  const known = await get(app, url, { headers: { 'if-none-match': String(head.headers.get('etag')) } });
  expect(known.status).toBe(304);
});

test('a known ETag of a link that has ended is 404', async () => {
  const [{ url = '' } = {}] = shared.images;
  const etag = String((await get(app, url)).headers.get('etag'));
  await sql(app, 'update shares set expires_at = now()');
  expect((await get(app, url, { headers: { 'if-none-match': etag } })).status).toBe(404);
  await sql(app, 'update shares set expires_at = null');
});

test('a download has a name without the owner’s words', async () => {
  for (const { saved, filename } of all()) {
    const disposition = String((await get(app, saved)).headers.get('content-disposition'));
    expect(disposition).toBe(`attachment; filename=${filename}`);
    expect(filename).toMatch(/^shared-[0-9a-f]{6}\.\w+$/);
  }
});

test('a file whose metadata cannot be removed is missing from the link, and 404', async () => {
  // Nobody can strip what is no file of a known type.
  const [{ url = '', id: imageId = '' } = {}] = shared.images;
  const [{ file: key = '' } = {}] = await sql<{ file: string }>(app, 'select file from images where id = $1', [
    imageId,
  ]);
  const unknown = `${key.slice(0, key.indexOf('/'))}/0123456789abcdef0123456789abcdef.png`;
  await sql(app, `insert into blobs (file, user_id, byte_size) select $1, user_id, 4 from blobs where file = $2`, [
    unknown,
    key,
  ]);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${app.env.DATA_DIR}/pictures/${unknown}`, Buffer.from([0, 1, 2, 3]));
  await sql(app, 'update images set file = $1 where id = $2', [unknown, imageId]);
  expect((await get(app, url)).status).toBe(404);
  const { images, problems } = await open(clientOf(app.url), link.token);
  expect(images.map((image) => image.id)).toEqual([shared.images[1]?.id]);
  expect(problems).toEqual([
    expect.stringMatching(/^shared-\w+\.png is not part of this link: its metadata cannot be/),
  ]);
  const page = await (await get(app, link.url)).text();
  expect(page).not.toContain(imageId);
  await sql(app, 'update images set file = $1 where id = $2', [key, imageId]);
});

test('no line of the log contains the token', async () => {
  for (const url of addressesOf(link, shared)) await get(app, url.replace('/s/', '/S/'));
  expect(log.text.length).toBeGreaterThan(1_000);
  expect(log.text).toContain('/s/…');
  expect(log.text).not.toContain(link.token);
});
