/** Vorbis comments, as in FLAC, Ogg Vorbis and Opus. */
import type { Bytes, Entry } from './bytes.js';

const EQUALS = 0x3d;

export function* vorbisComments(block: Bytes): Iterable<Entry> {
  let at = 4 + block.u32(0, true);
  const count = block.u32(at, true);
  at += 4;
  for (let index = 0; index < count; index += 1) {
    const end = at + 4 + block.u32(at, true);
    const comment = block.part(at + 4, end);
    const equals = comment.endOfName(EQUALS, 0);
    if (equals > 0) yield [comment.latin(0, equals), () => comment.text(equals + 1)];
    at = end;
  }
}
