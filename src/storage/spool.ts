/** Takes in a stream before the storage has it, so that it can be inspected: to a temporary file, or if it is small into memory. */
import { createHash } from 'node:crypto';
import { removeFile, writeNewFile } from './local-files.js';
import type { Storage } from './storage.js';

/** Most pictures are smaller. */
const MAX_HELD_BYTES = 2 * 1024 * 1024;

/** `hash`: SHA-256, in hexadecimal digits. */
type Measured = { byteSize: number; hash: string };
export type Spooled = Measured & { path: string };
/** `local`: the bytes, or the path of a temporary file. */
export type Received = Measured & { local: Buffer | string };

/** The caller gives the file to `saveFile`, or removes it. Leaves no file if it rejects. */
export async function spool(content: AsyncIterable<Uint8Array>, storage: Storage): Promise<Spooled> {
  const path = storage.temporaryFile();
  const digest = createHash('sha256');
  let byteSize = 0;
  async function* measured(): AsyncIterable<Uint8Array> {
    for await (const chunk of content) {
      digest.update(chunk);
      byteSize += chunk.length;
      yield chunk;
    }
  }
  await writeNewFile(path, measured());
  return { path, byteSize, hash: digest.digest('hex') };
}

/** Reused: a new block for each file would live until a collection of all garbage, and bring that about. */
const spare: Buffer[] = [];
const MAX_SPARE = 8;

/** Calls `use` with the content, a small one in memory. Neither the bytes nor the file may be used after it has resolved. */
export async function receive<T>(
  content: AsyncIterable<Uint8Array>,
  storage: Storage,
  use: (received: Received) => Promise<T>,
): Promise<T> {
  const block = spare.pop() ?? Buffer.allocUnsafeSlow(MAX_HELD_BYTES);
  const used = await receiveInto(block, content, storage, use);
  // Not after an error: something may still read the bytes.
  if (spare.length < MAX_SPARE) spare.push(block);
  return used;
}

async function receiveInto<T>(
  block: Buffer,
  content: AsyncIterable<Uint8Array>,
  storage: Storage,
  use: (received: Received) => Promise<T>,
): Promise<T> {
  const chunks = content[Symbol.asyncIterator]();
  const digest = createHash('sha256');
  let byteSize = 0;
  for (;;) {
    const { value, done } = await chunks.next();
    const held = block.subarray(0, byteSize);
    if (done) return await use({ local: held, byteSize, hash: digest.digest('hex') });
    if (byteSize + value.length > block.length) return await useFile(fromHere(held, value, chunks), storage, use);
    block.set(value, byteSize);
    digest.update(value);
    byteSize += value.length;
  }
}

async function* fromHere(
  held: Uint8Array,
  chunk: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* [held, chunk];
  yield* { [Symbol.asyncIterator]: () => chunks };
}

async function useFile<T>(
  content: AsyncIterable<Uint8Array>,
  storage: Storage,
  use: (received: Received) => Promise<T>,
): Promise<T> {
  const { path, ...measured } = await spool(content, storage);
  try {
    return await use({ ...measured, local: path });
  } finally {
    await removeFile(path);
  }
}
