/** Vorbis comments, as in FLAC, Ogg Vorbis and Opus. */
import type { Bytes, Entry } from './bytes.js';

export function* vorbisComments(block: Bytes): Iterable<Entry> {
  let at = 4 + block.u32(0, true);
  const count = block.u32(at, true);
  at += 4;
  for (let index = 0; index < count; index += 1) {
    const end = at + 4 + block.u32(at, true);
    const comment = block.part(at + 4, end).text(0);
    const equals = comment.indexOf('=');
    if (equals > 0) yield [comment.slice(0, equals), comment.slice(equals + 1)];
    at = end;
  }
}
