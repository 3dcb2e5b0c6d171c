/** PNG: chunks of text, and `comf` of animations that ComfyUI saves. */
import { inflateSync } from 'node:zlib';
import { MAX_METADATA_BYTES } from '../bounds.js';
import { type Bytes, type Entry, toText } from './bytes.js';
import { exif } from './exif.js';

const SIGNATURE_LENGTH = 8;

export function* png(file: Bytes): Iterable<Entry> {
  for (let at = SIGNATURE_LENGTH; at + 12 <= file.length; ) {
    const end = at + 8 + file.u32(at);
    const type = file.latin(at + 4, at + 8);
    if (type === 'IEND') return;
    const chunk = file.part(at + 8, end);
    if (type === 'eXIf') yield* exif(chunk);
    else if (TEXTS.has(type)) yield* textOf(type, chunk);
    at = end + 4;
  }
}

const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt', 'comf']);

function* textOf(type: string, chunk: Bytes): Iterable<Entry> {
  const end = chunk.endOfName(0, 0);
  if (end < 0) return;
  const key = chunk.latin(0, end);
  if (type === 'zTXt') yield [key, () => inflated(chunk, end + 2)];
  else if (type !== 'iTXt') yield [key, () => chunk.text(end + 1)];
  else {
    const isCompressed = chunk.u8(end + 1) === 1;
    const language = chunk.endOfName(0, end + 3);
    const start = language < 0 ? language : chunk.endOfName(0, language + 1) + 1;
    if (start > 0) yield [key, () => (isCompressed ? inflated(chunk, start) : chunk.text(start))];
  }
}

/** @throws RangeError if it is damaged, or unpacks to more than the bound */
function inflated(chunk: Bytes, start: number): string {
  try {
    return toText(chunk.counted(inflateSync(chunk.raw(start), { maxOutputLength: MAX_METADATA_BYTES })));
  } catch (cause) {
    throw new RangeError('damaged zlib data', { cause });
  }
}
