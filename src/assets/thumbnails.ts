/** Thumbnails of images, made at the first request and stored beside the image. */
import { writeFile } from 'node:fs/promises';
import type { Storage } from '../storage/storage.js';
import { thumbnailKey } from './derived.js';
import { Maker } from './maker.js';
import { makeThumbnail, nearestWidth } from './media/thumbnails.js';

/** Each holds the pixels of an image. */
const MAX_CONCURRENT = 2;

export class Thumbnails {
  readonly #maker: Maker;

  constructor(private readonly storage: Storage) {
    this.#maker = new Maker(storage, MAX_CONCURRENT);
  }

  /**
   * Returns the storage key of a thumbnail; undefined for a width that thumbnails do not have.
   * @throws MissingFileError if the image is gone
   */
  async find(file: string, width: number): Promise<string | undefined> {
    if (nearestWidth(width) !== width) return undefined;
    const key = thumbnailKey(file, width);
    if (await this.storage.stat(key)) return key;
    await this.#maker.make(file, key, async (path, target) => writeFile(target, await makeThumbnail(path, width)));
    return key;
  }
}
