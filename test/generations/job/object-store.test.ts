/**
 * Generations on a server whose files are in an object store, which may fail.
 *
 * @slow: waits for repeated requests.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { filled, picture } from '../../assets/uploads/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { Log } from '../../support/log.js';
import { CREDENTIALS, type Fault, type S3Server, startS3 } from '../../support/s3/server.js';
import { until } from '../../support/until.js';
import {
  becomes,
  comesToRest,
  create,
  expectTrueEnd,
  finishes,
  type ImageSnapshot,
  keysOf,
  QUICK,
  remove,
} from '../support.js';

let s3: S3Server;
let app: TestApp;
let alice: Client & { id: string };
const log = new Log();
beforeAll(async () => {
  s3 = await startS3();
  app = await startTestApp({
    env: { ...s3.env, LOG_LEVEL: 'info' },
    log,
    timings: {
      ...QUICK,
      uploadRetryDelayMs: 20,
      s3SilenceTimeoutMs: 500,
      cleanIntervalMs: 200,
      strayFileIntervalMs: 200,
    },
  });
  alice = await signUp(app.url);
});
afterEach(() => s3.fail(undefined));
afterAll(async () => {
  await app?.close();
  await s3?.close();
});

const objectsOf = async (id: string) => (await keysOf(app, id)).filter((key) => s3.bucket.objects.has(key));
const hasObjects = (keys: string[]) => keys.some((key) => s3.bucket.objects.has(key));
const newPicture = async (changed = {}) => {
  const { id } = await create(alice, changed);
  const { result } = await becomes(alice, id, 'COMPLETED');
  const [image] = (result as NonNullable<typeof result>).images;
  return { ...(image as ImageSnapshot), id };
};

test('a picture is one object, nothing stays on the disk, and its download has the headers of this server', async () => {
  const { id, url, byteSize } = await newPicture();
  expect(await objectsOf(id)).toHaveLength(1);
  expect(await readdir(String(app.env.DATA_DIR))).not.toContain('pictures');
  expect(await readdir(join(String(app.env.DATA_DIR), 'temporary'))).toEqual([]);
  const whole = await fetch(app.url + url);
  expect(whole.status).toBe(200);
  expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
  const bytes = Buffer.from(await whole.arrayBuffer());
  expect(bytes.length).toBe(byteSize);
  const part = await fetch(app.url + url, { headers: { Range: 'bytes=1-3' } });
  expect([part.status, await part.text()]).toEqual([206, 'PNG']);
  expect((await fetch(app.url + url, { method: 'HEAD' })).headers.get('content-length')).toBe(String(byteSize));
  const etag = String(whole.headers.get('etag'));
  expect((await fetch(app.url + url, { headers: { 'If-None-Match': etag }, cache: 'no-cache' })).status).toBe(304);
});

test('with redirects, a download continues at the object store, which names the file and which the studio allows; HEAD stays here', async () => {
  const { id, url, byteSize } = await newPicture();
  const other = await app.startAnother({ S3_DOWNLOADS: 'redirect' });
  try {
    const redirect = await fetch(`${other.url}${url}&download=1`, { redirect: 'manual' });
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('cache-control')).toBe('private, max-age=300');
    expect(redirect.headers.get('location')?.startsWith(s3.url)).toBe(true);
    const response = await fetch(`${other.url}${url}&download=1`);
    expect((await response.arrayBuffer()).byteLength).toBe(byteSize);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=a-hill.*\.png$/);
    expect(response.headers.get('cache-control')).toMatch(/immutable/);
    const studio = String((await fetch(`${other.url}/`)).headers.get('content-security-policy'));
    for (const part of [`img-src 'self' data: blob: ${s3.url}`, `media-src 'self' blob: ${s3.url}`])
      expect(studio).toContain(part);
    const head = await fetch(other.url + url, { method: 'HEAD', redirect: 'manual' });
    expect(head.status).toBe(200);
    await remove(alice, id);
    expect((await fetch(other.url + url, { redirect: 'manual' })).status).toBe(404);
  } finally {
    await other.close();
  }
});

test('an upload in the object store is the source of a generation, also while the store fails for a moment', async () => {
  const { id } = await filled(app, alice, await picture());
  let failures = 8;
  s3.fail('InternalError', (operation) => operation === 'GET' && failures-- > 0);
  const made = await newPicture({ workflow: 'image-to-image', parameters: { source: id } });
  expect(await objectsOf(made.id)).toHaveLength(2);
  expect(failures).toBeLessThan(0);
});

test.each<Fault>(['InternalError', 'cut', 'lost', 'silent'])(
  'while the store answers with %s, generations are RESULT_UNAVAILABLE, and later ones are COMPLETED',
  async (fault) => {
    s3.fail(fault, (operation) => operation.startsWith('PUT'));
    const end = await finishes(alice, (await create(alice)).id);
    expect(end.failure).toMatchObject({ code: 'RESULT_UNAVAILABLE', retryable: true });
    await expectTrueEnd(app, end);
    s3.fail(undefined);
    await expectTrueEnd(app, await becomes(alice, (await create(alice)).id, 'COMPLETED'));
  },
);

test('a store that fails for a moment costs no generation', async () => {
  let failures = 10;
  s3.fail('InternalError', (operation) => operation === 'PUT' && failures-- > 0);
  const ends = await Promise.all(Array.from({ length: 3 }, async () => finishes(alice, (await create(alice)).id)));
  expect(ends.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
});

test('deleting generations removes their objects, also if the store fails at first', async () => {
  const [first, second] = [await newPicture(), await newPicture()];
  const [keys, others] = [await objectsOf(first.id), await objectsOf(second.id)];
  await remove(alice, first.id);
  await until(() => !hasObjects(keys), 'the object to be removed');
  let failures = 0;
  s3.fail('InternalError', (operation) => operation === 'DELETE' && failures++ < 1_000);
  await remove(alice, second.id);
  await until(() => failures > 0, 'the removal to fail');
  s3.fail(undefined);
  await until(() => !hasObjects(others), 'the next sweep to remove the object');
});

test('two searches remove every object without a row, and keep the others', async () => {
  const kept = await newPicture();
  await comesToRest(app);
  const strays = Array.from({ length: 20 }, () => `${randomUUID()}/0123456789abcdef.png`);
  strays.push(`${alice.id}/0123456789abcdef.png`);
  for (const key of strays) s3.bucket.put(key, Buffer.from('stray'));
  await until(() => !hasObjects(strays), 'the objects to be removed');
  expect(await objectsOf(kept.id)).toHaveLength(1);
  const rows = await app.database.query<{ file: string }>('select file from blobs');
  expect([...s3.bucket.objects.keys()].toSorted()).toEqual(rows.map(({ file }) => file).toSorted());
});

test('the log has no credential and no signature', () => {
  expect(log.text).toContain('could not store a file');
  expect(log.text).not.toContain(CREDENTIALS.secretAccessKey);
  expect(log.text).not.toMatch(/Signature=|Authorization/i);
});
