import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { inspectImage } from '../../src/assets/media/image.js';
import { DiskStorage } from '../../src/storage/disk.js';
import { type Received, receive, spool } from '../../src/storage/spool.js';

const LARGE = 5_000_000;

let folder: string;
let storage: DiskStorage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-'));
  storage = new DiskStorage(folder);
  await storage.open();
});
afterAll(() => rm(folder, { recursive: true }));

const bytesOf = ({ local }: Received): Promise<Buffer> =>
  typeof local === 'string' ? readFile(local) : Promise.resolve(Buffer.from(local));
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

test.each([0, 1, 500_000, LARGE])('%i bytes are received whole, and leave no temporary file', async (size) => {
  const bytes = randomBytes(size);
  const received = await receive(inPieces(bytes), storage, async (each) => ({ ...each, bytes: await bytesOf(each) }));
  expect(received).toMatchObject({ byteSize: size, local: size === LARGE ? expect.any(String) : expect.any(Buffer) });
  expect(received.bytes.equals(bytes)).toBe(true);
  expect(await readdir(join(folder, '.temporary'))).toEqual([]);
});

test.each([1_000, LARGE])('content of %i bytes that breaks off is not used, and leaves no file', async (size) => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield* inPieces(randomBytes(size));
    throw new Error('the connection was lost');
  }
  await expect(receive(broken(), storage, bytesOf)).rejects.toThrow('the connection was lost');
  expect(await readdir(join(folder, '.temporary'))).toEqual([]);
});

test('content that breaks off while its file is still being opened leaves no file', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('x');
    throw new Error('the connection was lost');
  }
  // Many at once: the threads then open and remove files in any order.
  for (let round = 0; round < 50; round += 1) {
    const all = await Promise.allSettled(Array.from({ length: 200 }, () => spool(broken(), storage)));
    expect(all.map(({ status }) => status)).not.toContain('fulfilled');
  }
  expect(await readdir(join(folder, '.temporary'))).toEqual([]);
});

test('files that are received at once do not mix', async () => {
  const all = Array.from({ length: 10 }, () => randomBytes(300_000));
  const received = await Promise.all(all.map((bytes) => receive(inPieces(bytes), storage, bytesOf)));
  for (const [nth, bytes] of all.entries()) expect(received[nth]?.equals(bytes)).toBe(true);
});

test.each(['png', 'jpeg', 'webp', 'gif', 'avif'] as const)(
  'a %s in the memory of an earlier one is inspected anew',
  async (format) => {
    const block = Buffer.alloc(100_000);
    const inspected = async (background: string) => {
      const picture = sharp({ create: { width: 64, height: 64, channels: 3, background } });
      const bytes = await picture[format]().toBuffer();
      const fresh = await inspectImage(bytes);
      expect(await inspectImage(block.subarray(0, bytes.copy(block)))).toEqual(fresh);
      return fresh.thumbHash;
    };
    expect(await inspected('red')).not.toBe(await inspected('blue'));
  },
);
