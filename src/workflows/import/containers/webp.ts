/** WebP: a RIFF file with a chunk of EXIF. */
import type { Bytes, Entry } from './bytes.js';
import { exif } from './exif.js';

export function* webp(file: Bytes): Iterable<Entry> {
  for (let at = 12; at + 8 <= file.length; ) {
    const size = file.u32(at + 4, true);
    const chunk = file.part(at + 8, at + 8 + size);
    if (file.latin(at, at + 4) === 'EXIF') yield* exif(chunk);
    // Chunks begin at even places.
    at += 8 + size + (size % 2);
  }
}
