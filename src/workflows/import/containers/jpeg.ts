/** JPEG: segments of EXIF before the image data. */
import type { Bytes, Entry } from './bytes.js';
import { exif } from './exif.js';

const START_OF_SCAN = 0xda;
const APP1 = 0xe1;

export function* jpeg(file: Bytes): Iterable<Entry> {
  for (let at = 2; at + 4 <= file.length && file.u8(at) === 0xff; ) {
    const marker = file.u8(at + 1);
    if (marker === START_OF_SCAN) return;
    const end = at + 2 + file.u16(at + 2);
    const segment = file.part(at + 4, end);
    if (marker === APP1 && segment.length > 6 && segment.latin(0, 4) === 'Exif') yield* exif(segment);
    at = end;
  }
}
