/** Writes a stream to a temporary file, where it is inspected before the storage takes it over. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Storage } from './storage.js';

export type Spooled = {
  path: string;
  byteSize: number;
  /** SHA-256, in hexadecimal digits. */
  hash: string;
};

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
    await rm(path, { force: true });
    throw error;
  }
  return { path, byteSize, hash: digest.digest('hex') };
}
