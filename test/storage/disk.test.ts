/** The disk storage: files appear whole or not at all, under keys that the server makes. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DiskStorage } from '../../src/storage/disk.js';
import { contentKey, copyKey, MissingFileError, readBytes, type Storage } from '../../src/storage/storage.js';

let folder: string;
let storage: Storage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-storage-'));
  storage = new DiskStorage(folder);
  await storage.open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const temporaryFiles = () => readdir(join(folder, '.temporary'));
const bytes = Buffer.from('the bytes of a picture');

async function save(owner: string, content: Uint8Array = bytes): Promise<string> {
  const key = contentKey(owner, content, 'png');
  await storage.save(key, content);
  return key;
}
const ownersOf = async (storage: Storage) => (await Array.fromAsync(storage.owners())).map(({ owner }) => owner);

test('a saved file is read back, and leaves no temporary file', async () => {
  const owner = randomUUID();
  const key = await save(owner);
  expect(key).toMatch(new RegExp(`^${owner}/[0-9a-f]{32}\\.png$`));
  expect(await readBytes(storage, key)).toEqual(bytes);
  expect(await readFile(join(folder, key))).toEqual(bytes);
  expect(await temporaryFiles()).toEqual([]);
});

test('a stream is saved like bytes', async () => {
  const original = await save(randomUUID());
  const copy = copyKey(original, randomUUID());
  await storage.save(copy, await storage.read(original));
  expect(await readBytes(storage, copy)).toEqual(bytes);
});

test('a stream that fails leaves no file', async () => {
  const key = contentKey(randomUUID(), bytes, 'png');
  const broken = Readable.from(
    (function* () {
      yield bytes;
      throw new Error('the connection was lost');
    })(),
  );
  await expect(storage.save(key, broken)).rejects.toThrow('the connection was lost');
  expect(await storage.stat(key)).toBeUndefined();
  expect(await temporaryFiles()).toEqual([]);
});

test('a range is read alone, its last byte included', async () => {
  const key = await save(randomUUID());
  expect(await buffer(await storage.read(key, { start: 4, end: 8 }))).toEqual(Buffer.from('bytes'));
});

test('the size of a file is known, and a missing file has none', async () => {
  const key = await save(randomUUID());
  expect(await storage.stat(key)).toEqual({ size: bytes.length, modifiedAt: expect.any(Date) });
  expect(await storage.stat(copyKey(key, randomUUID()))).toBeUndefined();
});

test('the same bytes of one owner have one key, also when they are saved at the same time', async () => {
  const owner = randomUUID();
  const keys = await Promise.all(Array.from({ length: 10 }, () => save(owner)));
  expect(new Set(keys).size).toBe(1);
  expect(await readdir(join(folder, owner))).toHaveLength(1);
  expect(await readBytes(storage, String(keys[0]))).toEqual(bytes);
  expect(await save(owner, Buffer.from('others'))).not.toBe(keys[0]);
  expect(await save(randomUUID())).not.toBe(keys[0]);
});

test('a file stays whole while the same bytes are saved again', async () => {
  const owner = randomUUID();
  const large = Buffer.alloc(2_000_000, 7);
  const key = await save(owner, large);
  let isSaving = true;
  const saving = (async () => {
    for (let count = 0; count < 5; count += 1) await save(owner, large);
    isSaving = false;
  })();
  while (isSaving) expect((await storage.stat(key))?.size).toBe(large.length);
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
  await expect(storage.list(owner)).rejects.toThrow('Invalid storage key');
});

test('removing the files of one owner is repeatable, and keeps the files of another', async () => {
  const [owner, other] = [randomUUID(), randomUUID()];
  await save(owner);
  const kept = await save(other);
  await storage.removeAll(owner);
  await storage.removeAll(owner);
  expect(await readBytes(storage, kept)).toEqual(bytes);
  expect(await ownersOf(storage)).toEqual([other]);
});

test('single files of an owner are listed and removed', async () => {
  const owner = randomUUID();
  const keys = await Promise.all(['a', 'b', 'c'].map((text) => save(owner, Buffer.from(text))));
  expect((await storage.list(owner)).toSorted()).toEqual(keys.toSorted());
  const [first, second, third] = keys.map(String) as [string, string, string];
  for (const key of [first, third, third]) await storage.remove(key);
  expect(await storage.list(owner)).toEqual([second]);
  expect(await readBytes(storage, second)).toEqual(Buffer.from('b'));
  await expect(storage.read(first)).rejects.toBeInstanceOf(MissingFileError);
  expect(await storage.list(randomUUID())).toEqual([]);
});

test('a start removes the temporary files of a dead process, and keeps those of a running one', async () => {
  const [old, young] = ['old', 'young'].map((name) => join(folder, '.temporary', name));
  await writeFile(String(old), 'half');
  await writeFile(String(young), 'half');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await utimes(String(old), anHourAgo, anHourAgo);
  await new DiskStorage(folder).open();
  expect(await temporaryFiles()).toEqual(['young']);
});

test('opening the storage keeps existing files', async () => {
  const key = await save(randomUUID());
  const reopened = new DiskStorage(folder);
  await reopened.open();
  expect(await readBytes(reopened, key)).toEqual(bytes);
});

test('opening the storage rejects a folder that it cannot write to', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(new DiskStorage(join(folder, 'file', 'pictures')).open()).rejects.toThrow('is not writable');
});

test('only folders that hold files are owners', async () => {
  await writeFile(join(folder, 'a-file'), '');
  await mkdir(join(folder, '.hidden'));
  const owner = randomUUID();
  await save(owner);
  expect(await ownersOf(storage)).toEqual([owner]);
});
