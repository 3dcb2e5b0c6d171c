/** ID3v2, as in MP3: frames of texts that users define. */
import { type Bytes, type Entry, toText, withoutTrailingNuls } from './bytes.js';

const HEADER_LENGTH = 10;
const HAS_EXTENDED_HEADER = 0x40;

export function* id3(file: Bytes): Iterable<Entry> {
  const version = file.u8(3);
  const end = Math.min(file.length, HEADER_LENGTH + sevenBits(file, 6));
  let at = HEADER_LENGTH;
  if (file.u8(5) & HAS_EXTENDED_HEADER) at += version >= 4 ? sevenBits(file, at) : 4 + file.u32(at);
  while (at + HEADER_LENGTH <= end && file.u8(at) !== 0) {
    const size = version >= 4 ? sevenBits(file, at + 4) : file.u32(at + 4);
    const start = at + HEADER_LENGTH;
    const frame = file.part(start, start + size);
    if (file.latin(at, at + 4) === 'TXXX' && size > 1) {
      const text = decoded(frame);
      const [key = '', value = ''] = [text.slice(0, text.indexOf('\0')), text.slice(text.indexOf('\0') + 1)];
      yield [key, () => withoutTrailingNuls(value.replace(/^\ufeff/, ''))];
    }
    at = start + size;
  }
}

/** Sizes with seven bits in each byte. */
const sevenBits = (file: Bytes, at: number): number =>
  [0, 1, 2, 3].reduce((size, index) => size * 128 + (file.u8(at + index) & 127), 0);

function decoded(frame: Bytes): string {
  const encoding = frame.u8(0);
  const data = frame.counted(frame.raw(1));
  if (encoding !== 1 && encoding !== 2) return toText(data);
  const isLittle = encoding === 1 && data[0] === 0xff;
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(data);
}
