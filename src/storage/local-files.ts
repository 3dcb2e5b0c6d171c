/** What storages do with files of the local disk. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import type { StoredFile } from './storage.js';

/** No write pauses this long: an older file belongs to a process that died, a younger one may belong to a running process. */
const ABANDONED_AFTER_MS = 3_600_000;

/** A folder of files that are being written. */
export class TemporaryFiles {
  constructor(readonly folder: string) {}

  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.removeAbandoned();
  }

  newPath(): string {
    return join(this.folder, randomUUID());
  }

  async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (isAbandoned(await statOf(path))) await rm(path, { recursive: true, force: true });
    }
  }
}

export const isAbandoned = (found: StoredFile | undefined): boolean =>
  found !== undefined && found.modifiedAt.getTime() < Date.now() - ABANDONED_AFTER_MS;

/** Streams the content into a new file. Leaves no file if it rejects, but that of an earlier one at this path. */
export async function writeNewFile(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx' });
  try {
    await pipeline(content, file);
  } catch (error) {
    // `pipeline` does not wait for the file to be closed: one that is still being opened would appear after its removal.
    await finished(file).catch(() => {});
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await removeFile(path);
    throw error;
  }
}

export async function syncFile(path: string): Promise<void> {
  // Windows flushes only files that are open for writing.
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A power failure can lose the name of a new file until its folder is flushed. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot flush a folder, and does not need to.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Does nothing if the file is missing. `rm` would look for it first, on the main thread. */
export const removeFile = (path: string): Promise<void> => unlink(path).catch(unlessMissing(() => undefined));

/** Undefined for a missing file. */
export async function statOf(path: string): Promise<StoredFile | undefined> {
  const found = await stat(path).catch(unlessMissing(() => undefined));
  return found && { size: found.size, modifiedAt: found.mtime };
}

export const unlessMissing = <T>(otherwise: (error: Error) => T) => unless('ENOENT', otherwise);

/** Handles errors of one code; rethrows all others. */
export const unless =
  <T>(code: string, otherwise: (error: Error) => T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code !== code) throw error;
    return otherwise(error);
  };
