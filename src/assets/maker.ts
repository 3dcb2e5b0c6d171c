/** Makes files of stored files, and stores them: each once, and a few at a time. */
import { Semaphore } from '../limits/semaphore.js';
import { removeFile } from '../storage/local-files.js';
import { spool } from '../storage/spool.js';
import type { Storage } from '../storage/storage.js';

/** Reads the file at `path`, and writes a new one to `target`. */
export type Make = (path: string, target: string) => Promise<void>;

export class Maker {
  readonly #places: Semaphore;
  readonly #making = new Map<string, Promise<void>>();

  constructor(
    private readonly storage: Storage,
    maxConcurrent: number,
  ) {
    this.#places = new Semaphore(maxConcurrent);
  }

  /**
   * Makes the file `key` of `file`. Those who ask for the same one meanwhile wait for it.
   * @throws MissingFileError if `file` is gone, or the error of `make`
   */
  make(file: string, key: string, make: Make): Promise<void> {
    const making = this.#making.get(key) ?? this.#make(file, key, make).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return making;
  }

  async #make(file: string, key: string, make: Make): Promise<void> {
    const release = await this.#places.acquire();
    try {
      const { path } = await spool(await this.storage.read(file), this.storage);
      const target = this.storage.temporaryFile();
      try {
        await make(path, target);
        await this.storage.saveFile(key, target);
      } finally {
        await Promise.all([path, target].map(removeFile));
      }
    } finally {
      release();
    }
  }
}
