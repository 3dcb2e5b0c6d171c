/** FLAC: blocks of metadata before the sound. */
import type { Bytes, Entry } from './bytes.js';
import { vorbisComments } from './vorbis.js';

const VORBIS_COMMENT = 4;
const IS_LAST = 0x80;

export function* flac(file: Bytes): Iterable<Entry> {
  for (let at = 4, isLast = false; !isLast; ) {
    const kind = file.u8(at);
    const end = at + 4 + (file.u32(at) & 0xff_ff_ff);
    isLast = (kind & IS_LAST) !== 0;
    const block = file.part(at + 4, end);
    if ((kind & ~IS_LAST) === VORBIS_COMMENT) yield* vorbisComments(block);
    at = end;
  }
}
