/** PNG: chunks with a name. */
import type { FileBytes } from '../file-bytes.js';

export const PNG_SIGNATURE_BYTES = 8;

/** Offsets in the file: of the chunk, of its content, and of the byte after its checksum. */
export type PngChunk = { type: string; at: number; body: number; end: number };

/** Ends with IEND. @throws RangeError if it is cut off */
export async function* pngChunks(file: FileBytes): AsyncGenerator<PngChunk> {
  for (let at = PNG_SIGNATURE_BYTES, type = ''; type !== 'IEND'; ) {
    const head = await file.read(at, 8);
    type = head.toString('latin1', 4, 8);
    const end = at + 12 + head.readUInt32BE(0);
    if (end > file.size) throw new RangeError('a chunk is longer than the file');
    yield { type, at, body: at + 8, end };
    at = end;
  }
}
