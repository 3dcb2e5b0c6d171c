/** A stripped copy is a sequence of pieces: ranges of the original, and new bytes. */
import type { FileBytes } from '../file-bytes.js';

/** Offsets in the original, or new bytes, or a count of zeros. */
export type Piece = { at: number; end: number } | { bytes: Uint8Array } | { zeros: number };

/** Yields the copy in order. @throws RangeError for a damaged file */
export type Stripper = (file: FileBytes) => AsyncIterable<Piece>;

const MAX_ZEROS = Buffer.alloc(65_536);

export async function* bytesOf(file: FileBytes, pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  for await (const piece of joined(pieces)) {
    if ('bytes' in piece) yield piece.bytes;
    else if ('at' in piece) yield* file.stream(piece.at, piece.end);
    else
      for (let left = piece.zeros; left > 0; left -= MAX_ZEROS.length)
        yield MAX_ZEROS.subarray(0, Math.min(left, MAX_ZEROS.length));
  }
}

/** Ranges that adjoin become one: an image has hundreds of chunks. */
async function* joined(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let last: { at: number; end: number } | undefined;
  for await (const piece of pieces) {
    if (last && 'at' in piece && piece.at === last.end) {
      last.end = piece.end;
      continue;
    }
    if (last) yield last;
    last = 'at' in piece ? { at: piece.at, end: piece.end } : undefined;
    if (!last) yield piece;
  }
  if (last) yield last;
}

export const latin = (text: string): Piece => ({ bytes: Buffer.from(text, 'latin1') });

export function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
