/** Thumbnails of images, made at the first request and stored beside the image. */
import { writeFile } from 'node:fs/promises';
import { MissingFileError, type Storage } from '../storage/storage.js';
import { thumbnailKey } from './derived.js';
import { Maker } from './maker.js';
import { InvalidImageError } from './media/image.js';
import { makeThumbnail, nearestWidth } from './media/thumbnails.js';

/** Each holds the pixels of an image. */
const MAX_CONCURRENT = 2;

export class Thumbnails {
  readonly #maker: Maker;

  constructor(private readonly storage: Storage) {
    this.#maker = new Maker(storage, MAX_CONCURRENT);
  }

  /**
   * Returns the storage key of a thumbnail; undefined for a width that thumbnails do not have, and for an image that is gone or cannot be
   * decoded.
   */
  async find(file: string, width: number): Promise<string | undefined> {
    if (nearestWidth(width) !== width) return undefined;
    const key = thumbnailKey(file, width);
    if (await this.storage.stat(key)) return key;
    try {
      await this.#maker.make(file, key, async (path, target) => writeFile(target, await makeThumbnail(path, width)));
    } catch (error) {
      if (!(error instanceof MissingFileError || error instanceof InvalidImageError)) throw error;
      return undefined;
    }
    return key;
  }
}
