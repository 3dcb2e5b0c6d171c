/** OpenEXR: the attributes of the header. */
import type { Bytes, Entry } from './bytes.js';

const MAGIC_AND_VERSION = 8;

export function* exr(file: Bytes): Iterable<Entry> {
  // An empty name ends the header.
  for (let at = MAGIC_AND_VERSION; file.u8(at) !== 0; ) {
    const name = file.endOfName(0, at);
    const type = name < 0 ? name : file.endOfName(0, name + 1);
    if (type < 0) return;
    const start = type + 5;
    const end = start + file.u32(type + 1, true);
    const value = file.part(start, end);
    if (file.latin(name + 1, type) === 'string') yield [file.latin(at, name), () => value.text(0)];
    at = end;
  }
}
