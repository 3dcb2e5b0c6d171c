/** EXIF, as in WebP, JPEG and PNG: ComfyUI writes texts such as `workflow:{…}` into tags of the camera. */
import { type Bytes, type Entry, withoutTrailingNuls } from './bytes.js';

const ASCII = 2;
const COLON = 0x3a;
const HEADER = 'Exif\0\0';

export function* exif(block: Bytes): Iterable<Entry> {
  const start = block.length >= HEADER.length && block.latin(0, HEADER.length) === HEADER ? HEADER.length : 0;
  const tiff = block.part(start, block.length);
  const isLittle = tiff.latin(0, 2) === 'II';
  const first = tiff.u32(4, isLittle);
  const count = tiff.u16(first, isLittle);
  for (let index = 0; index < count; index += 1) {
    const at = first + 2 + index * 12;
    const length = tiff.u32(at + 4, isLittle);
    if (tiff.u16(at + 2, isLittle) !== ASCII || length <= 4) continue;
    const value = tiff.u32(at + 8, isLittle);
    const text = tiff.part(value, value + length);
    const colon = text.endOfName(COLON, 0);
    if (colon > 0) yield [text.latin(0, colon), () => withoutTrailingNuls(text.text(colon + 1))];
  }
}
