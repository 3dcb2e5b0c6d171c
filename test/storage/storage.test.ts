/** Files appear whole or not at all, under names that the server made. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '../../src/storage/storage.js';

let folder: string;
let storage: Storage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-storage-'));
  storage = new Storage(folder);
  await storage.open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const temporary = () => readdir(join(folder, '.temporary'));
const bytes = Buffer.from('the bytes of a picture');

test('what was saved is read back, and nothing half written is left', async () => {
  const owner = randomUUID();
  const key = await storage.save(owner, bytes, 'png');
  expect(key).toMatch(new RegExp(`^${owner}/[0-9a-f]{32}\\.png$`));
  expect(await storage.read(key)).toEqual(bytes);
  expect(await readFile(storage.path(key))).toEqual(bytes);
  expect(await temporary()).toEqual([]);
});

test('the same bytes have the same key, however often they are saved, also at once', async () => {
  const owner = randomUUID();
  const keys = await Promise.all(Array.from({ length: 10 }, () => storage.save(owner, bytes, 'png')));
  expect(new Set(keys).size).toBe(1);
  expect(await readdir(join(folder, owner))).toHaveLength(1);
  expect(await storage.read(String(keys[0]))).toEqual(bytes);
  expect(await storage.save(owner, Buffer.from('others'), 'png')).not.toBe(keys[0]);
  expect(await storage.save(randomUUID(), bytes, 'png')).not.toBe(keys[0]);
});

test('whoever reads while the same is saved again sees it whole', async () => {
  const owner = randomUUID();
  const large = Buffer.alloc(2_000_000, 7);
  const key = await storage.save(owner, large, 'png');
  let isSaving = true;
  const saving = (async () => {
    for (let count = 0; count < 5; count += 1) await storage.save(owner, large, 'png');
    isSaving = false;
  })();
  while (isSaving) expect((await stat(storage.path(key))).size).toBe(large.length);
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
])('%j is no key', (key) => {
  expect(() => storage.path(key)).toThrow('not a key');
});

test.each(['..', '.', '', '../x', '.temporary', 'a/b', '*'])('%j is nobody who could have files', async (owner) => {
  await expect(storage.save(owner, bytes, 'png')).rejects.toThrow('not a key');
  await expect(storage.removeAll(owner)).rejects.toThrow('not a key');
  await expect(storage.removeAllBut(owner, [])).rejects.toThrow('not a key');
});

test('removing everything of one owner twice is once, and touches no other', async () => {
  const [owner, other] = [randomUUID(), randomUUID()];
  await storage.save(owner, bytes, 'png');
  const kept = await storage.save(other, bytes, 'png');
  await storage.removeAll(owner);
  await storage.removeAll(owner);
  expect(await storage.read(kept)).toEqual(bytes);
  expect((await Array.fromAsync(storage.owners())).map(({ owner }) => owner)).toEqual([other]);
});

test('of one owner everything but some can be removed', async () => {
  const owner = randomUUID();
  const [first, second, third] = await Promise.all(
    ['a', 'b', 'c'].map((text) => storage.save(owner, Buffer.from(text), 'png')),
  );
  await storage.removeAllBut(owner, [String(second)]);
  await storage.removeAllBut(owner, [String(second)]);
  await storage.removeAllBut(randomUUID(), []);
  expect(await storage.read(String(second))).toEqual(Buffer.from('b'));
  for (const key of [first, third]) await expect(storage.read(String(key))).rejects.toThrow('ENOENT');
});

test('what a process that died left half written is removed at the start, what another one is writing is not', async () => {
  const [old, young] = ['old', 'young'].map((name) => join(folder, '.temporary', name));
  await writeFile(String(old), 'half');
  await writeFile(String(young), 'half');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await utimes(String(old), anHourAgo, anHourAgo);
  await new Storage(folder).open();
  expect(await temporary()).toEqual(['young']);
});

test('opening keeps what is there', async () => {
  const key = await storage.save(randomUUID(), bytes, 'png');
  const again = new Storage(folder);
  await again.open();
  expect(await again.read(key)).toEqual(bytes);
});

test('a folder that cannot be made is refused in words', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(new Storage(join(folder, 'file', 'pictures')).open()).rejects.toThrow('cannot be written to');
});

test('strange things in the folder are no owners', async () => {
  await writeFile(join(folder, 'a-file'), '');
  await mkdir(join(folder, '.hidden'));
  const owner = randomUUID();
  await storage.save(owner, bytes, 'png');
  expect((await Array.fromAsync(storage.owners())).map(({ owner }) => owner)).toEqual([owner]);
});
