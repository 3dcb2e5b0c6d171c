/** Thumbnails of images, made at the first request and stored beside the image. */
import { rm } from 'node:fs/promises';
import { Semaphore } from '../limits/semaphore.js';
import { spool } from '../storage/spool.js';
import type { Storage } from '../storage/storage.js';
import { thumbnailKey } from './derived.js';
import { makeThumbnail, nearestWidth } from './media/thumbnails.js';

/** Each holds the pixels of an image. */
const MAX_CONCURRENT = 2;

export class Thumbnails {
  readonly #places = new Semaphore(MAX_CONCURRENT);
  readonly #making = new Map<string, Promise<void>>();

  constructor(private readonly storage: Storage) {}

  /**
   * Returns the storage key of a thumbnail; undefined for a width that thumbnails do not have.
   * @throws MissingFileError if the image is gone
   */
  async find(file: string, width: number): Promise<string | undefined> {
    if (nearestWidth(width) !== width) return undefined;
    const key = thumbnailKey(file, width);
    if (await this.storage.stat(key)) return key;
    // Those who ask for the same one meanwhile wait for it.
    const making = this.#making.get(key) ?? this.#make(file, width, key).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    await making;
    return key;
  }

  async #make(file: string, width: number, key: string): Promise<void> {
    const release = await this.#places.acquire();
    try {
      const { path } = await spool(await this.storage.read(file), this.storage);
      try {
        await this.storage.save(key, await makeThumbnail(path, width));
      } finally {
        await rm(path, { force: true });
      }
    } finally {
      release();
    }
  }
}
