/** Files of 3D models, and of tensors. */
import type { FileBytes } from '../file-bytes.js';

/** Longer headers of JSON are refused by the format's own library. */
const MAX_HEADER_BYTES = 100_000_000;
const STL_HEADER_BYTES = 84;
const TRIANGLE_BYTES = 50;

/** Binary STL has no signature: its length follows from the count of triangles. */
export async function isBinaryStl(file: FileBytes): Promise<boolean> {
  if (file.size <= STL_HEADER_BYTES) return false;
  const count = (await file.read(STL_HEADER_BYTES - 4, 4)).readUInt32LE(0);
  return file.size === STL_HEADER_BYTES + count * TRIANGLE_BYTES;
}

export async function isWholeGlb(file: FileBytes): Promise<boolean> {
  return file.size >= 20 && (await file.read(8, 4)).readUInt32LE(0) <= file.size;
}

/** @returns the end of the header. @throws RangeError if the file is no safetensors file */
export async function tensorsStart(file: FileBytes): Promise<number> {
  const length = Number((await file.read(0, 8)).readBigUInt64LE(0));
  if (length > MAX_HEADER_BYTES || 8 + length > file.size) throw new RangeError('the header is longer than the file');
  return 8 + length;
}
