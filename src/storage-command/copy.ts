/** Copies all files from one storage to another. */
import { MissingFileError, type Storage } from '../storage/storage.js';

/** A store answers each request after some milliseconds, whatever their number. */
const AT_ONCE = 8;
const PROGRESS_EVERY = 1_000;

export type Copied = {
  files: number;
  bytes: number;
  /** Files that the target had already, with the same size. */
  known: number;
  failures: { key: string; error: unknown }[];
};

/**
 * Copies what the target lacks; an interrupted copy can be repeated. The bytes under a key never change, so that a file of the same size is
 * the same file.
 * @param report called after every thousandth file
 */
export async function copyFiles(from: Storage, to: Storage, report: (copied: Copied) => void): Promise<Copied> {
  const copied: Copied = { files: 0, bytes: 0, known: 0, failures: [] };
  const missing = filesToCopy(from, to, copied);
  const worker = async () => {
    // One generator for all workers: it returns each file once.
    for await (const { key, size } of missing) {
      if (!(await tryCopy(key, size, from, to, copied))) continue;
      copied.files += 1;
      copied.bytes += size;
      if (copied.files % PROGRESS_EVERY === 0) report(copied);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return copied;
}

async function* filesToCopy(from: Storage, to: Storage, copied: Copied): AsyncGenerator<{ key: string; size: number }> {
  for await (const owner of from.owners()) {
    if (!isOwner(owner)) continue;
    const known = new Map<string, number>();
    for await (const { key, size } of to.list(owner)) known.set(key, size);
    for await (const file of from.list(owner)) {
      if (known.get(file.key) === file.size) copied.known += 1;
      else yield file;
    }
  }
}

/** A bucket or a folder may have other things beside the files. */
const isOwner = (name: string): boolean => /^[0-9a-f-]{36}$/.test(name);

/** @returns whether the file is copied; a file that was deleted meanwhile is not */
async function tryCopy(key: string, size: number, from: Storage, to: Storage, { failures }: Copied): Promise<boolean> {
  try {
    await to.save(key, await from.read(key));
    const stored = await to.stat(key);
    if (stored?.size !== size) throw new Error(`It has ${stored?.size} bytes there, not ${size}`);
    return true;
  } catch (error) {
    if (!(error instanceof MissingFileError)) failures.push({ key, error });
    return false;
  }
}
