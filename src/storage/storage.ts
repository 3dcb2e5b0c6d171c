/**
 * Stores the bytes of images under keys. A key is `<owner>/<name>`, made by the server alone. The name holds a hash of the bytes, so
 * that the bytes under a key never change.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

const KEY = /^[0-9a-f-]{36}\/[a-z0-9]+(\.[a-z0-9]+)?$/;
const HASH_LENGTH = 32;

/** Offsets of the first and the last byte. */
export type ByteRange = { start: number; end: number };
/** `size` is in bytes. */
export type StoredFile = { size: number; modifiedAt: Date };

/** Every method throws an Error for an invalid key. */
export interface Storage {
  /** @throws Error if the storage is not writable */
  open(): Promise<void>;

  /** The file appears whole or not at all. Saving under an existing key replaces the file. */
  save(key: string, content: Uint8Array | Readable): Promise<void>;

  /** Undefined for a missing file. */
  stat(key: string): Promise<StoredFile | undefined>;

  /** The caller consumes or destroys the stream. @throws MissingFileError */
  read(key: string, range?: ByteRange): Promise<Readable>;

  /** Does nothing if the file is missing. */
  remove(key: string): Promise<void>;

  /** Removes all files of an owner. */
  removeAll(owner: string): Promise<void>;

  /** The keys of an owner's files. */
  list(owner: string): Promise<string[]>;

  /** Removes what interrupted calls of `save` left, also those of processes that died. */
  removeAbandoned(): Promise<void>;

  /** Owners that have files. `modifiedAt` is when a file of theirs was last added or removed. */
  owners(): AsyncIterable<{ owner: string; modifiedAt: Date }>;
}

export class MissingFileError extends Error {
  override name = 'MissingFileError';
}

export const isKey = (key: string): boolean => KEY.test(key);

/** The same bytes of the same owner have the same key. */
export function contentKey(owner: string, bytes: Uint8Array, extension: string): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH);
  return `${owner}/${hash}.${extension}`;
}

/** The key of another owner's copy. */
export const copyKey = (key: string, owner: string): string => `${owner}/${key.slice(key.indexOf('/') + 1)}`;

/** @throws MissingFileError */
export const readBytes = async (storage: Storage, key: string): Promise<Buffer> => buffer(await storage.read(key));
