/** Stores files in one folder of the disk: `<folder>/<owner>/<name>`. */
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { repairModes } from './repair-modes.js';
import { type ByteRange, isKey, MissingFileError, type Storage, type StoredFile } from './storage.js';

const TEMPORARY = '.temporary';
/** No write pauses this long: an older temporary file belongs to a process that died, a younger one may belong to a running process. */
const ABANDONED_AFTER_MS = 10 * 60_000;

export class DiskStorage implements Storage {
  readonly #folder: string;
  readonly #temporary: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#temporary = join(this.#folder, TEMPORARY);
  }

  /** Creates the folder, repairs lost modes, and removes temporary files of processes that died. @throws Error if the folder is not writable */
  async open(): Promise<void> {
    try {
      await repairModes(this.#folder, TEMPORARY);
      await mkdir(this.#temporary, { recursive: true });
      for (const folder of [this.#folder, this.#temporary])
        await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      await this.removeAbandoned();
    } catch (cause) {
      throw new Error(`The folder ${this.#folder} is not writable: give it to the user that runs this server`, {
        cause,
      });
    }
  }

  async save(key: string, content: Uint8Array | Readable): Promise<void> {
    const temporary = join(this.#temporary, randomUUID());
    try {
      const path = this.#path(key);
      await writeFile(temporary, content, { flag: 'wx', flush: true });
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      if (content instanceof Readable) content.destroy();
      // The disk may be full.
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async stat(key: string): Promise<StoredFile | undefined> {
    return await statOf(this.#path(key));
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#path(key)).catch(
      unlessMissing((cause) => {
        throw new MissingFileError(`The storage has no file ${key}`, { cause });
      }),
    );
    return file.createReadStream(range);
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async removeAll(owner: string): Promise<void> {
    await rm(this.#ownerPath(owner), { recursive: true, force: true });
  }

  async list(owner: string): Promise<string[]> {
    const names = await readdir(this.#ownerPath(owner)).catch(unlessMissing(() => []));
    return names.map((name) => `${owner}/${name}`).filter(isKey);
  }

  async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.#temporary)) {
      const found = await statOf(join(this.#temporary, name));
      if (found && found.modifiedAt.getTime() < Date.now() - ABANDONED_AFTER_MS)
        await rm(join(this.#temporary, name), { recursive: true, force: true });
    }
  }

  async *owners(): AsyncIterable<{ owner: string; modifiedAt: Date }> {
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const found = await statOf(join(this.#folder, entry.name));
      if (found) yield { owner: entry.name, modifiedAt: found.modifiedAt };
    }
  }

  #path(key: string): string {
    if (!isKey(key)) throw new Error(`Invalid storage key: ${JSON.stringify(key)}`);
    return join(this.#folder, key);
  }

  #ownerPath(owner: string): string {
    return dirname(this.#path(`${owner}/x`));
  }
}

/** A power failure can lose the name of a new file until its folder is flushed. */
async function syncFolder(path: string): Promise<void> {
  // Windows cannot flush a folder, and does not need to.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Undefined for a missing file. */
async function statOf(path: string): Promise<StoredFile | undefined> {
  const found = await stat(path).catch(unlessMissing(() => undefined));
  return found && { size: found.size, modifiedAt: found.mtime };
}

const unlessMissing =
  <T>(otherwise: (error: Error) => T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code !== 'ENOENT') throw error;
    return otherwise(error);
  };
