/**
 * What only the S3 storage does: faults of the store, a start without a usable bucket, presigned URLs.
 *
 * @slow: waits for repeated requests.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartError } from '../../src/process/start-error.js';
import { TIMINGS } from '../../src/process/timings.js';
import { s3Storage } from '../../src/storage/open-storage.js';
import { createClient, type S3Settings } from '../../src/storage/s3/s3-client.js';
import { MissingFileError, readBytes, type Storage } from '../../src/storage/storage.js';
import { BUCKET, CREDENTIALS, type S3Server, startS3 } from '../support/s3/server.js';
import { contentKey } from './keys.js';

const bytes = Buffer.from('the bytes of a picture');
/** Only for stores that are silent: others may take longer on a busy machine. */
const IMPATIENT = { ...TIMINGS, s3SilenceTimeoutMs: 300 };
const PART_BYTES = 8 * 1024 * 1024;

let dataDir: string;
let s3: S3Server;
let storage: Storage;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'comfygraph-s3-'));
  s3 = await startS3();
  storage = await create();
  await storage.open();
});
afterEach(async () => {
  await storage.close();
  await s3.close();
  await rm(dataDir, { recursive: true, force: true });
});

const settings = (changed: Partial<S3Settings> = {}) => ({
  dataDir,
  s3Bucket: BUCKET,
  s3Endpoint: s3.url,
  s3Prefix: '',
  s3Downloads: 'proxy' as const,
  ...changed,
});
const create = (changed?: Partial<S3Settings>, timings = TIMINGS) => s3Storage(settings(changed), timings);
const newKey = (extension = 'png') => contentKey(randomUUID(), bytes, extension);
const countOf = (operation: string) => s3.requests.filter((request) => request.operation === operation).length;

test('a start leaves no object', () => {
  expect([...s3.bucket.objects.keys()]).toEqual([]);
});

describe('the bucket cannot be used', () => {
  const credentials = { ...process.env };
  afterEach(() => Object.assign(process.env, credentials));

  const fault = async (changed?: Partial<S3Settings>, timings = TIMINGS): Promise<string> => {
    const error = await (await create(changed, timings)).open().catch((caught) => caught);
    expect(error).toBeInstanceOf(StartError);
    expect(error.message).not.toContain(CREDENTIALS.secretAccessKey);
    return error.message;
  };

  test('an unreachable store', async () => {
    expect(await fault({ s3Endpoint: 'http://127.0.0.1:1' })).toMatch(
      /^The bucket pictures at http:\/\/127.0.0.1:1 is unreachable \(.*ECONNREFUSED.*\): check S3_ENDPOINT and the network$/,
    );
  });

  test('a store that does not respond', async () => {
    s3.fail('silent');
    expect(await fault({}, IMPATIENT)).toContain('is unreachable (TimeoutError');
  });

  test('a missing bucket', async () => {
    expect(await fault({ s3Bucket: 'others' })).toMatch(/NoSuchBucket.*create the bucket, or correct S3_BUCKET$/);
  });

  test('a bucket that may be read only', async () => {
    s3.fail('AccessDenied', (operation) => operation === 'PUT');
    expect(await fault()).toMatch(/AccessDenied.*allow this key to list the bucket/);
  });

  test('a bucket that may not be listed', async () => {
    s3.fail('AccessDenied', (operation) => operation === 'GET list-type');
    expect(await fault()).toMatch(/AccessDenied.*allow this key to list the bucket/);
  });

  test('a wrong secret', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'a-wrong-secret';
    expect(await fault()).toMatch(/SignatureDoesNotMatch.*correct AWS_SECRET_ACCESS_KEY$/);
  });

  test('another region', async () => {
    expect(await fault({ s3Region: 'eu-central-1' })).toMatch(/set S3_REGION to the bucket's region$/);
  });
});

const FAULTS = ['InternalError', 'SlowDown', 'cut', 'silent'] as const;
const beImpatientWith = async (fault: (typeof FAULTS)[number]) => {
  if (fault === 'silent') storage = await create({}, IMPATIENT);
};

test.each(FAULTS)('%s once is repeated, and the file is whole', async (fault) => {
  await beImpatientWith(fault);
  const key = newKey();
  let failures = 1;
  s3.fail(fault, () => failures-- > 0);
  await storage.save(key, bytes);
  expect(await readBytes(storage, key)).toEqual(bytes);
  failures = 1;
  expect(await storage.stat(key)).toMatchObject({ size: bytes.length });
});

test.each(FAULTS)('%s for ever keeps the local file, and nothing is half stored', async (fault) => {
  await beImpatientWith(fault);
  const key = newKey();
  const path = storage.temporaryFile();
  await writeFile(path, bytes);
  s3.fail(fault);
  await expect(storage.saveFile(key, path)).rejects.toThrow();
  expect(countOf('PUT')).toBe(1 + 3);
  expect(await readFile(path)).toEqual(bytes);
  s3.fail(undefined);
  expect(await storage.stat(key)).toBeUndefined();
  await storage.saveFile(key, path);
  expect(await readBytes(storage, key)).toEqual(bytes);
});

test('a part that fails once is sent again; one that always fails leaves neither object nor parts', async () => {
  const large = Buffer.alloc(2 * PART_BYTES + 1, 3);
  const key = newKey('mp4');
  let failures = 1;
  s3.fail('cut', (operation) => operation === 'PUT uploadId' && failures-- > 0);
  await storage.save(key, large);
  expect((await readBytes(storage, key)).equals(large)).toBe(true);
  await storage.remove(key);
  s3.fail('InternalError', (operation) => operation === 'PUT uploadId');
  await expect(storage.save(key, large)).rejects.toThrow('InternalError');
  expect(s3.bucket.objects.size).toBe(0);
  expect(s3.bucket.uploads.size).toBe(0);
});

test('an upload whose completion succeeds without an answer is stored', async () => {
  const large = Buffer.alloc(PART_BYTES + 1, 3);
  const key = newKey('mp4');
  let failures = 1;
  s3.fail('lost', (operation) => operation === 'POST uploadId' && failures-- > 0);
  await storage.save(key, large);
  expect(countOf('POST uploadId')).toBe(2);
  expect((await readBytes(storage, key)).equals(large)).toBe(true);
});

test('a download that is cut continues where it ended', async () => {
  const large = Buffer.concat(Array.from({ length: 1000 }, (_, index) => Buffer.alloc(1000, index)));
  const key = newKey();
  await storage.save(key, large);
  let failures = 2;
  s3.fail('cut', (operation) => operation === 'GET' && failures-- > 0);
  expect((await readBytes(storage, key)).equals(large)).toBe(true);
  expect(countOf('GET')).toBe(3);
  failures = 1;
  const part = await storage.read(key, { start: 500, end: 900_000 });
  expect(Buffer.concat(await part.toArray()).equals(large.subarray(500, 900_001))).toBe(true);
});

test('a download that is damaged fails', async () => {
  const key = newKey();
  await storage.save(key, bytes);
  const stored = s3.bucket.get(key);
  stored.bytes = Buffer.from('the bytes of a Picture');
  await expect(readBytes(storage, key)).rejects.toThrow('Checksum mismatch');
});

test('a file that is removed during its download ends the stream with an error', async () => {
  const key = newKey();
  await storage.save(key, Buffer.alloc(2_000_000));
  let failures = 1;
  s3.fail('cut', () => {
    if (failures-- <= 0) return false;
    setImmediate(() => s3.bucket.objects.delete(key));
    return true;
  });
  await expect(readBytes(storage, key)).rejects.toBeInstanceOf(MissingFileError);
});

test('1,500 objects are listed and removed in pages, and those of others stay', async () => {
  const [owner, other] = [randomUUID(), randomUUID()];
  for (let index = 0; index < 1500; index += 1) s3.bucket.put(`${owner}/${index}.png`, bytes);
  s3.bucket.put(`${other}/x.png`, bytes);
  expect(await Array.fromAsync(storage.list(owner))).toHaveLength(1500);
  expect((await Array.fromAsync(storage.owners())).toSorted()).toEqual([owner, other].toSorted());
  await storage.removeAll(owner);
  expect([...s3.bucket.objects.keys()]).toEqual([`${other}/x.png`]);
  expect(countOf('POST delete')).toBe(2);
});

test('the size of a file is asked for once, and again after it was removed', async () => {
  const key = newKey();
  await storage.save(key, bytes);
  for (let count = 0; count < 3; count += 1) expect(await storage.stat(key)).toMatchObject({ size: bytes.length });
  expect(countOf('HEAD')).toBe(1 + 1);
  await storage.removeAll(String(key.split('/')[0]));
  expect(await storage.stat(key)).toBeUndefined();
  expect(countOf('HEAD')).toBe(1 + 2);
});

test('more owners than one page are listed', async () => {
  const owners = Array.from({ length: 1200 }, () => randomUUID());
  for (const owner of owners) for (const name of ['a.png', 'b.png']) s3.bucket.put(`${owner}/${name}`, bytes);
  expect(await Array.fromAsync(storage.owners())).toEqual(owners.toSorted());
});

test('uploads that a process did not end are aborted after a day', async () => {
  const [old, young] = [newKey(), newKey()];
  for (const key of [old, young]) s3.bucket.begin(key);
  const begun = [...s3.bucket.uploads.values()].find(({ key }) => key === old);
  if (begun) begun.initiatedAt = new Date(Date.now() - 25 * 3_600_000);
  await storage.removeAbandoned();
  expect([...s3.bucket.uploads.values()].map(({ key }) => key)).toEqual([young]);
});

describe('presigned URLs', () => {
  const headers = { contentType: 'image/png', disposition: 'attachment; filename="a.png"', cacheControl: 'private' };

  test('without redirects there are none, and no origin of them', async () => {
    expect(await storage.downloadUrl(newKey(), headers)).toBeUndefined();
    expect(await storage.downloadOrigin()).toBeUndefined();
  });

  test.each([
    ['a path of the endpoint', { s3ForcePathStyle: true }],
    ['a host of its own', { s3ForcePathStyle: false, s3Endpoint: 'https://s3.example.com' }],
  ])('all URLs have the origin that the storage tells, if the bucket is %s', async (_, changed) => {
    const other = await create({ s3Downloads: 'redirect', ...changed });
    const url = new URL(String(await other.downloadUrl(newKey(), headers)));
    expect(await other.downloadOrigin()).toBe(url.origin);
    await other.close();
  });

  test('a URL serves the file with the headers, also a range, for GET only, and is the same for some minutes', async () => {
    const redirecting = await create({ s3Downloads: 'redirect', s3Prefix: 'some/prefix/' });
    const key = newKey();
    await redirecting.save(key, bytes);
    const url = String(await redirecting.downloadUrl(key, headers));
    const response = await fetch(url, { headers: { Range: 'bytes=4-8' } });
    expect(response.status).toBe(206);
    expect(await response.text()).toBe('bytes');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toBe(headers.disposition);
    expect(response.headers.get('cache-control')).toBe('private');
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
    expect((await fetch(url.replace('image%2Fpng', 'text%2Fhtml'))).status).toBe(403);
    expect(url).not.toContain(CREDENTIALS.secretAccessKey);
    const expired = new URL(url).searchParams;
    expect(expired.get('X-Amz-Expires')).toBe('900');
    await redirecting.close();
  });
});

describe('the test server', () => {
  test('verifies an upload in chunks with a checksum behind them', async () => {
    const client = createClient(settings(), TIMINGS);
    const Body = Readable.from([bytes]);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'chunked', Body, ContentLength: bytes.length }));
    expect(s3.bucket.get('chunked').bytes).toEqual(bytes);
    client.destroy();
  });

  test('refuses requests that are not signed', async () => {
    expect((await fetch(`${s3.url}/${BUCKET}/x`)).status).toBe(403);
    expect((await fetch(`${s3.url}/${BUCKET}/x`, { method: 'PUT', body: 'x' })).status).toBe(403);
  });
});
