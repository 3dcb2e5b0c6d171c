/** A stripped copy is a sequence of pieces: ranges of the original, and new bytes. */
import type { FileBytes } from '../file-bytes.js';

/** Offsets in the original, or new bytes, or a count of zeros. */
export type Piece = { at: number; end: number } | { bytes: Uint8Array } | { zeros: number };

/** Yields the copy in order. @throws RangeError for a damaged file */
export type Stripper = (file: FileBytes) => AsyncIterable<Piece>;

const MAX_ZEROS = Buffer.alloc(65_536);

export async function* bytesOf(file: FileBytes, pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if ('bytes' in piece) yield piece.bytes;
    else if ('at' in piece) yield* file.stream(piece.at, piece.end);
    else
      for (let left = piece.zeros; left > 0; left -= MAX_ZEROS.length)
        yield MAX_ZEROS.subarray(0, Math.min(left, MAX_ZEROS.length));
  }
}

export const latin = (text: string): Piece => ({ bytes: Buffer.from(text, 'latin1') });

export function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
