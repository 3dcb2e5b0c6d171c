/** Ogg: empties the packet of comments of each stream, in place. Only the checksums of its pages change. */
import { oggPages, type Page } from '../containers/ogg.js';
import type { FileBytes } from '../file-bytes.js';
import type { Piece } from './pieces.js';

/** By the first packet of a stream: its second one, without comments, which zeros may follow. */
const EMPTY: Record<string, Buffer> = {
  OpusHead: Buffer.from(`OpusTags${'\0'.repeat(8)}`, 'latin1'),
  '\x01vorbis': Buffer.from(`\x03vorbis${'\0'.repeat(8)}\x01`, 'latin1'),
};
const CHECKSUM_AT = 22;

/** `packet` is the number of the packet that the next segment belongs to; `offset` is where in it the segment begins. */
type Stream = { empty: Buffer; packet: number; offset: number };

export async function* stripOgg(file: FileBytes): AsyncGenerator<Piece> {
  const streams = new Map<number, Stream>();
  for await (const page of oggPages(file)) {
    if (page.isFirst) streams.set(page.stream, { empty: await emptyComments(file, page), packet: 0, offset: 0 });
    const stream = streams.get(page.stream);
    if (!stream) throw new RangeError('a stream without a start');
    if (stream.packet > 1) yield page;
    else {
      const bytes = Buffer.from(await file.read(page.at, page.end - page.at));
      emptySegments(bytes, page, stream);
      bytes.writeUInt32LE(0, CHECKSUM_AT);
      bytes.writeUInt32LE(checksum(bytes), CHECKSUM_AT);
      yield { bytes };
    }
  }
}

/** @throws RangeError for an unknown codec */
async function emptyComments(file: FileBytes, { body }: Page): Promise<Buffer> {
  const start = await file.latin(body, 8);
  const found = Object.entries(EMPTY).find(([head]) => start.startsWith(head));
  if (!found) throw new RangeError('an unknown codec');
  return found[1];
}

function emptySegments(bytes: Buffer, { at, body, segments }: Page, stream: Stream): void {
  let place = body - at;
  for (const size of segments) {
    if (stream.packet === 1) {
      bytes.fill(0, place, place + size);
      bytes.set(stream.empty.subarray(stream.offset, stream.offset + size), place);
    }
    place += size;
    stream.offset += size;
    // A segment of fewer than 255 bytes ends a packet.
    if (size === 255) continue;
    if (stream.packet === 1 && stream.offset < stream.empty.length) throw new RangeError('comments that are cut off');
    stream.packet += 1;
    stream.offset = 0;
  }
}

/** CRC-32 whose bits are not reflected, from zero. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

function checksum(bytes: Buffer): number {
  let value = 0;
  for (const byte of bytes) value = (value << 8) ^ (TABLE[(value >>> 24) ^ byte] ?? 0);
  return value >>> 0;
}
