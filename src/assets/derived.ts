/** Files that are made of a blob when they are asked for, stored beside it, and removed with it. */
import type { Storage } from '../storage/storage.js';
import { THUMBNAIL_WIDTHS } from './media/thumbnails.js';

/** A name of a blob is hexadecimal, so its end is known by the next letter. */
const MARK = 'z';
const DERIVED = new RegExp(`^(.*/[0-9a-f]+)${MARK}([a-z0-9]+)${MARK}[0-9a-z]+\\.[a-z0-9]+$`);

const derivedKey = (file: string, name: string, extension: string): string => {
  const dot = file.lastIndexOf('.');
  return `${file.slice(0, dot)}${MARK}${file.slice(dot + 1)}${MARK}${name}.${extension}`;
};

export const thumbnailKey = (file: string, width: number): string => derivedKey(file, String(width), 'webp');

/** The key of the copy without metadata, which others may see. */
export const strippedKey = (file: string): string => derivedKey(file, 'bare', file.slice(file.lastIndexOf('.') + 1));

/** The key of the blob that a file belongs to. */
export const blobOf = (key: string): string => key.replace(DERIVED, '$1.$2');

/** Removes files that no row ever named: nothing was made of them. Never rejects, as `removeFiles`. */
export async function removeUnnamed(storage: Storage, files: readonly string[]): Promise<void> {
  await Promise.allSettled(files.map((file) => storage.remove(file)));
}

/**
 * Removes files that have no row, with what was made of them. Never rejects: returns those that could not be removed. A search for files
 * without a row removes them later.
 */
export async function removeFiles(storage: Storage, files: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  for (const file of files) {
    const keys = [file, strippedKey(file), ...THUMBNAIL_WIDTHS.map((width) => thumbnailKey(file, width))];
    const removed = await Promise.allSettled(keys.map((key) => storage.remove(key)));
    if (removed.some(({ status }) => status === 'rejected')) left.push(file);
  }
  return left;
}
