/**
 * What every storage promises: files appear whole or not at all, under keys that the server makes.
 *
 * @slow: 60 MB pass every storage.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TIMINGS } from '../../src/process/timings.js';
import { diskStorage, s3Storage } from '../../src/storage/open-storage.js';
import { MissingFileError, readBytes, type Storage } from '../../src/storage/storage.js';
import { BUCKET, type S3Server, startS3 } from '../support/s3/server.js';
import { contentKey, copyKey } from './keys.js';

const bytes = Buffer.from('the bytes of a picture');
const LARGE_BYTES = 60_000_000;

let dataDir: string;
let s3: S3Server;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'comfygraph-storage-'));
  s3 = await startS3();
});
afterEach(async () => {
  await s3.close();
  await rm(dataDir, { recursive: true, force: true });
});

const settingsOf = (endpoint: string) =>
  ({ dataDir, s3Bucket: BUCKET, s3Endpoint: endpoint, s3Prefix: 'a/prefix/', s3Downloads: 'proxy' }) as const;

const STORAGES: [name: string, create: () => Storage | Promise<Storage>][] = [
  ['the disk', () => diskStorage({ dataDir })],
  ['S3', () => s3Storage(settingsOf(s3.url), TIMINGS)],
];
/** Another server, whose bucket has the same name and takes any credentials. */
const other = process.env.TEST_S3_ENDPOINT;
if (other) STORAGES.push([other, () => s3Storage(settingsOf(other), TIMINGS)]);

describe.each(STORAGES)('%s', (_, create) => {
  let storage: Storage;
  beforeEach(async () => {
    storage = await create();
    await storage.open();
  });
  afterEach(() => storage.close());

  const temporaryFiles = () => readdir(join(storage.temporaryFile(), '..'));
  async function save(owner: string, content: Uint8Array = bytes): Promise<string> {
    const key = contentKey(owner, content, 'png');
    await storage.save(key, content);
    return key;
  }
  const keysOf = async (owner: string) => (await Array.fromAsync(storage.list(owner))).map(({ key }) => key).toSorted();
  const owners = () => Array.fromAsync(storage.owners());
  const collect = async (key: string, range?: { start: number; end: number }) => buffer(await storage.read(key, range));

  test('a saved file is read back, and leaves no temporary file', async () => {
    const owner = randomUUID();
    const key = await save(owner);
    expect(key).toMatch(new RegExp(`^${owner}/[0-9a-f]{32}\\.png$`));
    expect(await readBytes(storage, key)).toEqual(bytes);
    expect(await temporaryFiles()).toEqual([]);
  });

  test('a stream is saved like bytes', async () => {
    const original = await save(randomUUID());
    const copy = copyKey(original, randomUUID());
    await storage.save(copy, await storage.read(original));
    expect(await readBytes(storage, copy)).toEqual(bytes);
  });

  test.each([0, 20_000_000])('a stream that fails after %d bytes leaves no file', async (size) => {
    const key = contentKey(randomUUID(), bytes, 'png');
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(size + 1);
        throw new Error('the connection was lost');
      })(),
    );
    await expect(storage.save(key, broken)).rejects.toThrow('the connection was lost');
    expect(await storage.stat(key)).toBeUndefined();
    expect(await temporaryFiles()).toEqual([]);
    expect(s3.bucket.uploads.size).toBe(0);
  });

  test('a range is read alone, its last byte included', async () => {
    const key = await save(randomUUID());
    expect(await collect(key, { start: 4, end: 8 })).toEqual(Buffer.from('bytes'));
    expect(await collect(key, { start: bytes.length - 1, end: bytes.length - 1 })).toEqual(Buffer.from('e'));
  });

  test('the size of a file is known, and a missing file has none', async () => {
    const key = await save(randomUUID());
    expect(await storage.stat(key)).toEqual({ size: bytes.length, modifiedAt: expect.any(Date) });
    expect(await storage.stat(copyKey(key, randomUUID()))).toBeUndefined();
  });

  test('an empty file is a file', async () => {
    const key = await save(randomUUID(), Buffer.alloc(0));
    expect(await readBytes(storage, key)).toEqual(Buffer.alloc(0));
    expect(await storage.stat(key)).toMatchObject({ size: 0 });
    const streamed = copyKey(key, randomUUID());
    await storage.save(streamed, Readable.from([]));
    expect(await storage.stat(streamed)).toMatchObject({ size: 0 });
  });

  test('60 MB are taken over from a local file, and any part of them is read', async () => {
    const key = contentKey(randomUUID(), bytes, 'mp4');
    const path = storage.temporaryFile();
    const block = randomBytes(1_000_000);
    await pipeline(
      Readable.from(Array.from({ length: LARGE_BYTES / block.length }, () => block)),
      createWriteStream(path),
    );
    await storage.saveFile(key, path);
    expect(await storage.stat(key)).toMatchObject({ size: LARGE_BYTES });
    expect(await temporaryFiles()).toEqual([]);
    const part = { start: LARGE_BYTES - 1_500_000, end: LARGE_BYTES - 1 };
    expect((await collect(key, part)).equals(Buffer.concat([block.subarray(500_000), block]))).toBe(true);
    expect((await collect(key)).equals(Buffer.concat(Array(LARGE_BYTES / block.length).fill(block)))).toBe(true);
  });

  test('a local file at any path is taken over', async () => {
    const key = contentKey(randomUUID(), bytes, 'png');
    const path = join(dataDir, 'elsewhere');
    await writeFile(path, bytes);
    await storage.saveFile(key, path);
    expect(await readBytes(storage, key)).toEqual(bytes);
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a missing local file and an invalid key store nothing, and the local file stays', async () => {
    const key = contentKey(randomUUID(), bytes, 'png');
    await expect(storage.saveFile(key, storage.temporaryFile())).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await storage.stat(key)).toBeUndefined();
    const path = storage.temporaryFile();
    await writeFile(path, bytes);
    await expect(storage.saveFile('../x', path)).rejects.toThrow('Invalid storage key');
    expect(await readFile(path)).toEqual(bytes);
  });

  test('the same bytes of one owner have one key, also when they are saved at the same time', async () => {
    const owner = randomUUID();
    const keys = await Promise.all(Array.from({ length: 10 }, () => save(owner)));
    expect(new Set(keys).size).toBe(1);
    expect(await keysOf(owner)).toHaveLength(1);
    expect(await readBytes(storage, String(keys[0]))).toEqual(bytes);
    expect(await save(owner, Buffer.from('others'))).not.toBe(keys[0]);
    expect(await save(randomUUID())).not.toBe(keys[0]);
  });

  test('a file stays whole while the same bytes are saved again', async () => {
    const owner = randomUUID();
    const large = Buffer.alloc(9_000_000, 7);
    const key = await save(owner, large);
    let isSaving = true;
    const saving = (async () => {
      for (let count = 0; count < 2; count += 1) await save(owner, large);
      isSaving = false;
    })();
    while (isSaving) {
      expect((await collect(key, { start: large.length - 1, end: large.length - 1 })).length).toBe(1);
      expect((await storage.stat(key))?.size).toBe(large.length);
    }
    await saving;
  });

  test.each([
    '../outside',
    `${randomUUID()}/../../outside`,
    `${randomUUID()}/..`,
    `${randomUUID()}/../x.png`,
    `${randomUUID()}/a/b.png`,
    `/etc/passwd`,
    `${randomUUID()}\\x.png`,
    `${randomUUID()}/x.png\0.txt`,
    `${randomUUID()}/`,
    '.temporary/x',
    '',
  ])('%j is an invalid key', async (key) => {
    await expect(storage.save(key, bytes)).rejects.toThrow('Invalid storage key');
    await expect(storage.stat(key)).rejects.toThrow('Invalid storage key');
    await expect(storage.read(key)).rejects.toThrow('Invalid storage key');
    await expect(storage.remove(key)).rejects.toThrow('Invalid storage key');
  });

  test.each(['..', '.', '', '../x', '.temporary', 'a/b', '*'])('%j is an invalid owner', async (owner) => {
    await expect(save(owner)).rejects.toThrow('Invalid storage key');
    await expect(storage.removeAll(owner)).rejects.toThrow('Invalid storage key');
    await expect(keysOf(owner)).rejects.toThrow('Invalid storage key');
  });

  test('removing the files of one owner is repeatable, and keeps the files of another', async () => {
    const [owner, other] = [randomUUID(), randomUUID()];
    await save(owner);
    const kept = await save(other);
    await storage.removeAll(owner);
    await storage.removeAll(owner);
    expect(await readBytes(storage, kept)).toEqual(bytes);
    expect(await owners()).toContain(other);
    expect(await owners()).not.toContain(owner);
  });

  test('single files of an owner are listed and removed', async () => {
    const owner = randomUUID();
    const keys = await Promise.all(['a', 'b', 'c'].map((text) => save(owner, Buffer.from(text))));
    expect(await keysOf(owner)).toEqual(keys.toSorted());
    const [first, second, third] = keys.map(String) as [string, string, string];
    for (const key of [first, third, third]) await storage.remove(key);
    expect(await Array.fromAsync(storage.list(owner))).toEqual([
      { key: second, size: 1, modifiedAt: expect.any(Date) },
    ]);
    expect(await readBytes(storage, second)).toEqual(Buffer.from('b'));
    await expect(storage.read(first)).rejects.toBeInstanceOf(MissingFileError);
    expect(await keysOf(randomUUID())).toEqual([]);
  });

  test('opening the storage keeps existing files', async () => {
    const key = await save(randomUUID());
    const reopened = await create();
    await reopened.open();
    expect(await readBytes(reopened, key)).toEqual(bytes);
    await reopened.close();
  });

  test('a reader that leaves early ends the stream', async () => {
    const key = await save(randomUUID(), Buffer.alloc(5_000_000));
    const stream = await storage.read(key);
    for await (const _ of stream) break;
    expect(stream.destroyed).toBe(true);
    expect((await storage.stat(key))?.size).toBe(5_000_000);
  });
});
