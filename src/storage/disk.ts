/** Stores files in one folder of the disk: `<folder>/<owner>/<name>`. */
import { access, constants, copyFile, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { StartError } from '../process/start-error.js';
import {
  isAbandoned,
  removeFile,
  statOf,
  syncFile,
  syncFolder,
  TemporaryFiles,
  unless,
  unlessMissing,
} from './local-files.js';
import { repairModes } from './repair-modes.js';
import {
  type ByteRange,
  isKey,
  type ListedFile,
  MissingFileError,
  type NewKey,
  requireKey,
  type Storage,
  type StoredFile,
} from './storage.js';

const TEMPORARY = '.temporary';

export class DiskStorage implements Storage {
  readonly #folder: string;
  readonly #temporary: TemporaryFiles;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#temporary = new TemporaryFiles(join(this.#folder, TEMPORARY));
  }

  /** Creates the folder, repairs lost modes, and removes temporary files of processes that died. */
  async open(): Promise<void> {
    try {
      await repairModes(this.#folder, TEMPORARY);
      await this.#temporary.open();
      for (const folder of [this.#folder, this.#temporary.folder])
        await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new StartError(`The folder ${this.#folder} is not writable: give it to the user that runs this server`, {
        cause,
      });
    }
  }

  async close(): Promise<void> {}

  async save(key: NewKey, content: Uint8Array | Readable): Promise<void> {
    const temporary = this.temporaryFile();
    try {
      const path = await this.#pathAfter(key, writeFile(temporary, content, { flag: 'wx', flush: true }));
      await place(temporary, path);
    } catch (error) {
      if (content instanceof Readable) content.destroy();
      // The disk may be full.
      await removeFile(temporary);
      throw error;
    }
  }

  async saveFile(key: NewKey, path: string): Promise<void> {
    const synced = syncFile(path).then(
      () => true,
      unlessMissing(() => false),
    );
    const target = await this.#pathAfter(key, synced);
    // An earlier call has moved it.
    if (!(await synced) && (await statOf(target))) return await syncFolder(dirname(target));
    await place(path, target).catch(
      unless('EXDEV', async () => {
        // The file is on another file system.
        const copy = this.temporaryFile();
        try {
          await copyFile(path, copy);
          await syncFile(copy);
          await place(copy, target);
        } finally {
          await removeFile(copy);
        }
        await removeFile(path);
      }),
    );
  }

  temporaryFile(): string {
    return this.#temporary.newPath();
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

  async downloadUrl(): Promise<undefined> {}

  async downloadOrigin(): Promise<undefined> {}

  async remove(key: string): Promise<void> {
    await removeFile(this.#path(key));
  }

  async removeAll(owner: string): Promise<void> {
    await rm(this.#ownerPath(owner), { recursive: true, force: true });
  }

  async *list(owner: string): AsyncIterable<ListedFile> {
    for (const name of await readdir(this.#ownerPath(owner)).catch(unlessMissing(() => []))) {
      const key = `${owner}/${name}`;
      const found = isKey(key) && (await statOf(this.#path(key)));
      if (found) yield { key, ...found };
    }
  }

  /** Also removes folders that have lost their last file. */
  async removeAbandoned(): Promise<void> {
    await this.#temporary.removeAbandoned();
    for await (const owner of this.#folders()) {
      const folder = join(this.#folder, owner);
      // A folder with files stays.
      if (isAbandoned(await statOf(folder))) await rmdir(folder).catch(() => {});
    }
  }

  async *owners(): AsyncIterable<string> {
    for await (const owner of this.#folders()) {
      const names = await readdir(join(this.#folder, owner)).catch(unlessMissing(() => []));
      if (names.length > 0) yield owner;
    }
  }

  async *#folders(): AsyncIterable<string> {
    for (const entry of await readdir(this.#folder, { withFileTypes: true }))
      if (entry.isDirectory() && !entry.name.startsWith('.')) yield entry.name;
  }

  /** The path of a key that may become known while its file is written. Waits for both, so that nothing uses the file after an error. */
  async #pathAfter(key: NewKey, written: Promise<unknown>): Promise<string> {
    await Promise.allSettled([key, written]);
    const path = this.#path(await key);
    await written;
    return path;
  }

  #path(key: string): string {
    requireKey(key);
    return join(this.#folder, key);
  }

  #ownerPath(owner: string): string {
    return dirname(this.#path(`${owner}/x`));
  }
}

/** Moves a flushed file to its place in the folder of its owner. */
async function place(file: string, path: string): Promise<void> {
  const folder = dirname(path);
  const move = () => rename(file, path);
  const create = async () => {
    if (await mkdir(folder, { recursive: true })) await syncFolder(dirname(folder));
    await move();
  };
  // The cleaner may remove the folder while it is empty, also a new one.
  await move().catch(unlessMissing(create)).catch(unlessMissing(create));
  await syncFolder(folder);
}
