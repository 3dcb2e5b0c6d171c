/** OpenEXR: fills attributes that do not say how the image looks with zeros, in place. */
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

const HEADER_BYTES = 8;
const HAS_MORE_PARTS = 0x1000;
/** Names of attributes and of their types have up to 255 bytes each; the length of the value follows. */
const MAX_NAMES_BYTES = 2 * 256 + 4;
const KEPT = new Set(
  `adoptedNeutral channels chromaticities chunkCount compression dataWindow displayWindow dwaCompressionLevel framesPerSecond gamma lineOrder
  maxSamplesPerPixel multiView name pixelAspectRatio screenWindowCenter screenWindowWidth tiles type version view whiteLuminance`.split(
    /\s+/,
  ),
);

/** @throws RangeError also for a file of several images */
export async function* stripExr(file: FileBytes): AsyncGenerator<Piece> {
  const flags = (await file.read(4, 4)).readUInt32LE(0);
  if (flags & HAS_MORE_PARTS) throw new RangeError('several images');
  let at = HEADER_BYTES;
  yield { at: 0, end: at };
  for (;;) {
    const head = await file.upTo(at, MAX_NAMES_BYTES);
    const name = head.indexOf(0);
    // An empty name ends the header.
    if (name === 0) break;
    const type = head.indexOf(0, name + 1);
    if (name < 0 || type < 0) throw new RangeError('an attribute without a name');
    const value = at + type + 5;
    const end = value + head.readUInt32LE(type + 1);
    if (end > file.size) throw new RangeError('an attribute is longer than the file');
    const isKept = KEPT.has(head.toString('latin1', 0, name));
    yield { at, end: isKept ? end : value };
    if (!isKept) yield { zeros: end - value };
    at = end;
  }
  yield { at, end: file.size };
}
