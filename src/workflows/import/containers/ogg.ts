/** Ogg: the second packet holds the comments, spread over pages. */
import { MAX_METADATA_BYTES } from '../bounds.js';
import { Bytes, type Entry } from './bytes.js';
import { vorbisComments } from './vorbis.js';

/** What stands before the comments in each codec. */
const HEADERS = ['OpusTags', '\x03vorbis'];

export function* ogg(file: Bytes): Iterable<Entry> {
  const packet = secondPacket(file);
  for (const header of HEADERS)
    if (packet.length > header.length && packet.latin(0, header.length) === header)
      yield* vorbisComments(packet.part(header.length, packet.length));
}

function secondPacket(file: Bytes): Bytes {
  const pieces: Uint8Array[] = [];
  let [packet, length] = [0, 0];
  for (let page = 0; packet < 2; ) {
    const count = file.u8(page + 26);
    const table = file.part(page + 27, page + 27 + count);
    let at = page + 27 + count;
    for (let index = 0; index < count && packet < 2; index += 1) {
      const size = table.u8(index);
      if (packet === 1) pieces.push(file.raw(at, at + size));
      length += packet === 1 ? size : 0;
      if (length > MAX_METADATA_BYTES) throw new RangeError('comments beyond the bound');
      // A segment of fewer than 255 bytes ends a packet.
      if (size < 255) packet += 1;
      at += size;
    }
    page = at;
  }
  return new Bytes(Buffer.concat(pieces));
}
