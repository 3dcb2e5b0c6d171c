/** Takes in a stream before the storage has it, so that it can be inspected: to a temporary file, or if it is small into memory. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { removeFile } from './local-files.js';
import type { Storage } from './storage.js';

/** Most pictures are smaller. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** `hash`: SHA-256, in hexadecimal digits. */
type Measured = { byteSize: number; hash: string };
export type Spooled = Measured & { path: string };
/** `local`: the bytes, or the path of a temporary file, which the caller gives to `saveFile` or removes. */
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
  try {
    await pipeline(measured(), createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    await removeFile(path);
    throw error;
  }
  return { path, byteSize, hash: digest.digest('hex') };
}

/** Holds a small file in memory. Leaves no file if it rejects. */
export async function receive(content: AsyncIterable<Uint8Array>, storage: Storage): Promise<Received> {
  const chunks = content[Symbol.asyncIterator]();
  const digest = createHash('sha256');
  const held: Uint8Array[] = [];
  for (let byteSize = 0; byteSize <= MAX_HELD_BYTES; ) {
    const { value, done } = await chunks.next();
    if (done) return { local: Buffer.concat(held), byteSize, hash: digest.digest('hex') };
    held.push(value);
    digest.update(value);
    byteSize += value.length;
  }
  async function* all(): AsyncIterable<Uint8Array> {
    yield* held.splice(0);
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const { path, ...measured } = await spool(all(), storage);
  return { ...measured, local: path };
}
