/** What only the disk storage does. Its promises as a storage are in contract.test.ts. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskStorage } from '../../src/storage/disk.js';
import { statOf } from '../../src/storage/local-files.js';
import { readBytes } from '../../src/storage/storage.js';
import { contentKey } from './keys.js';

let folder: string;
let storage: DiskStorage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-storage-'));
  storage = new DiskStorage(folder);
  await storage.open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const temporaryFiles = () => readdir(join(folder, '.temporary'));
const bytes = Buffer.from('the bytes of a picture');
const twoHoursAgo = new Date(Date.now() - 7_200_000);

test('a file is in the folder of its owner', async () => {
  const key = contentKey(randomUUID(), bytes, 'png');
  await storage.save(key, bytes);
  expect(await readFile(join(folder, key))).toEqual(bytes);
});

test('a temporary file is moved, not copied', async () => {
  const path = storage.temporaryFile();
  await writeFile(path, bytes);
  const { ino } = await stat(path);
  const key = contentKey(randomUUID(), bytes, 'png');
  await storage.saveFile(key, path);
  expect((await stat(join(folder, key))).ino).toBe(ino);
});

test('taking over a file that is stored already can be repeated', async () => {
  const path = storage.temporaryFile();
  await writeFile(path, bytes);
  const key = contentKey(randomUUID(), bytes, 'png');
  await storage.saveFile(key, path);
  await storage.saveFile(key, path);
  expect(await readBytes(storage, key)).toEqual(bytes);
});

test('a file of another file system is copied, and leaves no temporary file', async () => {
  const { dev } = await stat(folder);
  const places = await Promise.all(
    ['/dev/shm', '/tmp', process.cwd()].map(async (place) => ({
      place,
      found: await stat(place).catch(() => undefined),
    })),
  );
  const elsewhere = places.find(({ found }) => found && found.dev !== dev);
  const path = join(String(elsewhere?.place), `comfygraph-${randomUUID()}`);
  await writeFile(path, bytes);
  const key = contentKey(randomUUID(), bytes, 'png');
  await storage.saveFile(key, path);
  expect(await readBytes(storage, key)).toEqual(bytes);
  expect(await statOf(path)).toBeUndefined();
  expect(await temporaryFiles()).toEqual([]);
});

test('a start removes the temporary files of a dead process, and keeps those of a running one', async () => {
  const [old, young] = ['old', 'young'].map((name) => join(folder, '.temporary', name));
  await writeFile(String(old), 'half');
  await writeFile(String(young), 'half');
  await utimes(String(old), twoHoursAgo, twoHoursAgo);
  await new DiskStorage(folder).open();
  expect(await temporaryFiles()).toEqual(['young']);
});

test('opening the storage rejects a folder that it cannot write to', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(new DiskStorage(join(folder, 'file', 'pictures')).open()).rejects.toThrow('is not writable');
});

test('only folders that hold files are owners', async () => {
  await writeFile(join(folder, 'a-file'), '');
  await mkdir(join(folder, '.hidden'));
  await mkdir(join(folder, randomUUID()));
  const owner = randomUUID();
  await storage.save(contentKey(owner, bytes, 'png'), bytes);
  expect(await Array.fromAsync(storage.owners())).toEqual([owner]);
});

test('an old folder without files is removed, and its owner can save again', async () => {
  const [old, young, used] = [randomUUID(), randomUUID(), randomUUID()];
  for (const owner of [old, young]) await mkdir(join(folder, owner));
  const key = contentKey(used, bytes, 'png');
  await storage.save(key, bytes);
  for (const owner of [old, used]) await utimes(join(folder, owner), twoHoursAgo, twoHoursAgo);
  await storage.removeAbandoned();
  expect((await readdir(folder)).toSorted()).toEqual(['.temporary', young, used].toSorted());
  await storage.save(contentKey(old, bytes, 'png'), bytes);
  expect(await readBytes(storage, contentKey(old, bytes, 'png'))).toEqual(bytes);
});
