/**
 * Thumbnails and shared files in an object store: through this server and redirected, and while the store fails.
 *
 * @slow: waits for repeated requests.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { App } from '../../src/app.js';
import { blobOf } from '../../src/assets/derived.js';
import { codeOf, dataOf, keysOf, remove } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { type Fault, type S3Server, startS3 } from '../support/s3/server.js';
import { until } from '../support/until.js';
import { addressesOf, everything, get, OPTIONS, open, share, statusesOf, tryOpen, unshare } from './support.js';

let s3: S3Server;
let app: TestApp;
/** Another server, which redirects downloads to the store. */
let redirecting: App;
let alice: Client;
beforeAll(async () => {
  s3 = await startS3();
  app = await startTestApp({
    ...OPTIONS,
    env: { ...OPTIONS.env, ...s3.env },
    timings: { s3SilenceTimeoutMs: 300, cleanIntervalMs: 200 },
  });
  redirecting = await app.startAnother({ S3_DOWNLOADS: 'redirect' });
});
/** A new account has no files with the same bytes. */
beforeEach(async () => {
  alice = await signUp(app.url);
});
afterEach(() => s3.fail(undefined));
afterAll(async () => {
  await redirecting?.close();
  await app?.close();
  await s3?.close();
});

const THUMBNAILS = 'query ($id: ID!) { generation(id: $id) { result { images { thumbnailUrl } } } }';
const thumbnailOf = async (id: string): Promise<string> =>
  (await dataOf(alice.ask(THUMBNAILS, { id }))).generation.result.images[0].thumbnailUrl;

const derivedOf = async (id: string): Promise<string[]> => {
  const blobs = new Set(await keysOf(app, id));
  return [...s3.bucket.objects.keys()].filter((key) => blobs.has(blobOf(key)) && !blobs.has(key));
};
const temporaryFiles = () => readdir(join(String(app.env.DATA_DIR), 'temporary'));

test('a thumbnail is made once and stored beside its picture, and both servers serve it', async () => {
  const id = await everything(alice);
  const url = await thumbnailOf(id);
  const responses = await Promise.all(Array.from({ length: 4 }, () => get(app, url)));
  for (const response of responses) expect(response.headers.get('content-type')).toBe('image/webp');
  const bytes = Buffer.from(await (responses[0] as Response).arrayBuffer());
  expect((await sharp(bytes).metadata()).format).toBe('webp');
  expect(await derivedOf(id)).toHaveLength(1);
  expect(await temporaryFiles()).toEqual([]);

  const redirect = await get(redirecting, url, { redirect: 'manual' });
  expect(redirect.status).toBe(302);
  expect(redirect.headers.get('location')?.startsWith(s3.url)).toBe(true);
  const followed = await get(redirecting, url);
  expect(followed.headers.get('content-type')).toBe('image/webp');
  expect(Buffer.from(await followed.arrayBuffer())).toEqual(bytes);
});

test('a shared file never leaves by a URL of the store, which would outlive the share', async () => {
  const link = await share(alice, await everything(alice));
  for (const server of [app, redirecting]) {
    const shared = await open(clientOf(server.url), link.token);
    expect([shared.images.length, shared.files.length]).toEqual([2, 2]);
    for (const url of addressesOf(link, shared)) {
      const response = await get(server, url, { redirect: 'manual' });
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).not.toMatch(/class_type|EmptyImage/);
    }
    const [file] = shared.files;
    const part = await get(server, String(file?.url), { headers: { Range: 'bytes=1-3' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 1-3/${file?.byteSize}`]);
  }
});

test('after the end of a share its files are 404 on both servers, and with its generation all objects go', async () => {
  const id = await everything(alice);
  const link = await share(alice, id);
  const addresses = addressesOf(link, await open(clientOf(app.url), link.token));
  await statusesOf(app, addresses);
  const keys = [...(await keysOf(app, id)), ...(await derivedOf(id))];
  expect(keys.length).toBeGreaterThan(8);
  expect(keys.every((key) => s3.bucket.objects.has(key))).toBe(true);
  await unshare(alice, id);
  for (const server of [app, redirecting])
    for (const address of addresses) expect((await get(server, address, { redirect: 'manual' })).status).toBe(404);
  await remove(alice, id);
  await until(() => !keys.some((key) => s3.bucket.objects.has(key)), 'the objects to be removed');
});

test.each<Fault>(['InternalError', 'SlowDown', 'cut', 'silent'])(
  'while the store answers with %s, a view fails and leaves nothing, and is whole afterwards',
  async (fault) => {
    const id = await everything(alice);
    const link = await share(alice, id);
    const url = await thumbnailOf(id);
    s3.fail(fault);
    expect((await get(app, url)).status).toBe(500);
    expect(await codeOf(tryOpen(clientOf(app.url), link.token))).toBe('INTERNAL_SERVER_ERROR');
    // The page itself reads no file.
    expect((await get(app, link.url)).status).toBe(200);
    expect(await derivedOf(id)).toEqual([]);
    await until(async () => (await temporaryFiles()).length === 0, 'nothing to be left');
    s3.fail(undefined);
    expect((await get(app, url)).status).toBe(200);
    const shared = await open(clientOf(app.url), link.token);
    for (const file of [...shared.images, ...shared.files])
      expect((await (await get(app, file.url)).arrayBuffer()).byteLength).toBe(file.byteSize);
  },
);

test('a view that the store cuts or refuses once is whole', async () => {
  const link = await share(alice, await everything(alice));
  const shared = await open(clientOf(app.url), link.token);
  for (const fault of ['cut', 'InternalError'] as const)
    for (const file of [...shared.images, ...shared.files]) {
      let failures = 1;
      s3.fail(fault, (operation) => operation === 'GET' && failures-- > 0);
      expect((await (await get(app, file.url)).arrayBuffer()).byteLength).toBe(file.byteSize);
      expect(failures).toBeLessThan(0);
    }
});
