/** Copies of files without metadata, which is all that shares show. Each is made when it is first requested, and stored beside its file. */
import { LRUCache } from 'lru-cache';
import { extensionOfKey, type Storage } from '../../storage/storage.js';
import { strippedKey } from '../derived.js';
import { digestOf } from '../hash-of.js';
import { Maker } from '../maker.js';
import { canStrip, stripMetadata, UnstrippableError } from '../media/strip.js';

/** Each reads and writes a whole file. */
const MAX_CONCURRENT = 2;
const MAX_REFUSED = 10_000;
const MAX_HASHES = 10_000;

export type StrippedFile = { key: string; byteSize: number };

export class StrippedFiles {
  readonly #maker: Maker;
  /** The keys of files that cannot be stripped, so that they are not read again. */
  readonly #refused = new LRUCache<string, true>({ max: MAX_REFUSED });

  readonly #hashes = new LRUCache<string, Promise<string>>({ max: MAX_HASHES });

  constructor(private readonly storage: Storage) {
    this.#maker = new Maker(storage, MAX_CONCURRENT);
  }

  /**
   * Why a file has no copy, as the end of a sentence. Undefined if it has one, or may have one: only making it finds damage and unknown forms.
   */
  refusalOf(file: string): string | undefined {
    const extension = extensionOfKey(file).slice(1);
    if (!canStrip(extension)) return `the metadata of .${extension} files cannot be removed`;
    return this.#refused.has(file) ? 'its metadata cannot be removed' : undefined;
  }

  /**
   * Returns the SHA-256 of the copy, in hexadecimal digits; undefined without one. Computed once: the bytes under a key never change.
   * @throws NOT_FOUND or MissingFileError if the file is gone
   */
  async hash(file: string): Promise<string | undefined> {
    const key = (await this.find(file))?.key;
    if (key === undefined) return undefined;
    const known = this.#hashes.get(key);
    if (known) return known;
    const hash = digestOf(this.storage, key);
    hash.catch(() => this.#hashes.delete(key));
    this.#hashes.set(key, hash);
    return hash;
  }

  /**
   * Returns the copy; undefined for a file whose metadata we cannot remove.
   * @throws MissingFileError if the file is gone
   */
  async find(file: string): Promise<StrippedFile | undefined> {
    if (this.refusalOf(file) !== undefined) return undefined;
    const key = strippedKey(file);
    const known = await this.storage.stat(key);
    if (known) return { key, byteSize: known.size };
    try {
      await this.#maker.make(file, key, stripMetadata);
    } catch (error) {
      if (!(error instanceof UnstrippableError)) throw error;
      this.#refused.set(file, true);
      return undefined;
    }
    const made = await this.storage.stat(key);
    return made && { key, byteSize: made.size };
  }
}
