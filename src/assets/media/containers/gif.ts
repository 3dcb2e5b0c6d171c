/** GIF: images and extensions, each in blocks of up to 255 bytes. */
import type { FileBytes } from '../file-bytes.js';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const HEADER_BYTES = 13;

/** Offsets in the file: of the part, and of the byte after it. Only extensions have a label. */
export type GifPart = { at: number; end: number; label?: number };

/** The trailer may be missing. @throws RangeError if a part is cut off, or unknown */
export async function* gifParts(file: FileBytes): AsyncGenerator<GifPart> {
  const start = HEADER_BYTES + tableLength((await file.read(0, HEADER_BYTES)).readUInt8(10));
  yield { at: 0, end: start };
  for (let at = start; at < file.size; ) {
    const kind = (await file.read(at, 1)).readUInt8(0);
    if (kind === TRAILER) return yield { at, end: at + 1 };
    if (kind !== EXTENSION && kind !== IMAGE) throw new RangeError('unknown part of a GIF');
    const label = kind === EXTENSION ? (await file.read(at + 1, 1)).readUInt8(0) : undefined;
    const head = kind === EXTENSION ? 2 : 11 + tableLength((await file.read(at + 9, 1)).readUInt8(0));
    const end = await endOfBlocks(file, at + head);
    yield label === undefined ? { at, end } : { at, end, label };
    at = end;
  }
}

/** Three bytes for each color. */
const tableLength = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** An empty block ends a sequence. */
async function endOfBlocks(file: FileBytes, from: number): Promise<number> {
  for (let at = from; ; ) {
    const size = (await file.read(at, 1)).readUInt8(0);
    at += 1 + size;
    if (size === 0) return at;
  }
}
