/**
 * Stores the bytes of files under keys. A key is `<owner>/<name>`, made by the server alone. The owner is an account, or in files from
 * before accounts shared theirs a generation. The bytes under a key never change.
 */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

const KEY = /^[0-9a-f-]{36}\/[a-z0-9]+(\.[a-z0-9]+)?$/;

/** Offsets of the first and the last byte. */
export type ByteRange = { start: number; end: number };
/** `size` is in bytes. */
export type StoredFile = { size: number; modifiedAt: Date };
export type ListedFile = StoredFile & { key: string };
/** Headers of a download: the media type, and for a saved file `attachment` with its name. */
export type DownloadHeaders = { contentType: string; disposition: string | undefined; cacheControl: string };

/** The key may still be found out, by inspecting the bytes: the disk writes them meanwhile. If it rejects, nothing is stored. */
export type NewKey = string | Promise<string>;

/** Every method throws an Error for an invalid key. */
export interface Storage {
  /** @throws StartError if the storage is unreachable or not writable */
  open(): Promise<void>;
  close(): Promise<void>;

  /** The file appears whole or not at all. Saving under an existing key replaces the file. */
  save(key: NewKey, content: Uint8Array | Readable): Promise<void>;

  /**
   * Takes over a finished file of the local disk; a path of `temporaryFile` is moved without a copy where that is possible. After an error
   * the file is still there or is stored, so that the call can be repeated.
   */
  saveFile(key: NewKey, path: string): Promise<void>;

  /** A new path on the local disk. The caller hands the file to `saveFile` or removes it; an hour after the last write the storage does. */
  temporaryFile(): string;

  /** Undefined for a missing file. */
  stat(key: string): Promise<StoredFile | undefined>;

  /** The caller consumes or destroys the stream. @throws MissingFileError */
  read(key: string, range?: ByteRange): Promise<Readable>;

  /** A URL from which clients can get the file for some minutes, with these headers. Undefined if only this server serves the file. */
  downloadUrl(key: string, headers: DownloadHeaders): Promise<string | undefined>;

  /** The origin of those URLs, which pages must allow. Undefined if only this server serves files. */
  downloadOrigin(): Promise<string | undefined>;

  /** Does nothing if the file is missing. */
  remove(key: string): Promise<void>;

  /** Removes all files of an owner. */
  removeAll(owner: string): Promise<void>;

  /** An owner's files. */
  list(owner: string): AsyncIterable<ListedFile>;

  /** Removes what interrupted writes left, also those of processes that died. */
  removeAbandoned(): Promise<void>;

  /** Owners that have files. */
  owners(): AsyncIterable<string>;
}

export class MissingFileError extends Error {
  override name = 'MissingFileError';
}

export const isKey = (key: string): boolean => KEY.test(key);

/** @throws Error for an invalid key */
export function requireKey(key: string): void {
  if (!isKey(key)) throw new Error(`Invalid storage key: ${JSON.stringify(key)}`);
}

/** With its dot. */
export const extensionOfKey = (key: string): string => key.slice(key.lastIndexOf('.'));

/** @throws MissingFileError */
export const readBytes = async (storage: Storage, key: string): Promise<Buffer> => buffer(await storage.read(key));
