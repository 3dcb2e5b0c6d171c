/** Ogg: packets of Opus or Vorbis, spread over pages. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';

const PAGE_HEADER_BYTES = 27;
const MAX_PAGE_BYTES = PAGE_HEADER_BYTES + 255 + 255 * 255;
const OPUS_HERTZ = 48_000;
const IS_FIRST = 2;

/** Offsets in the file: of the page, of its content, and of the byte after it. */
export type Page = { at: number; body: number; end: number; stream: number; isFirst: boolean; segments: number[] };

/** @throws RangeError if a page is damaged, or cut off */
export async function* oggPages(file: FileBytes): AsyncGenerator<Page> {
  for (let at = 0; at < file.size; ) {
    const head = await file.read(at, PAGE_HEADER_BYTES);
    if (head.toString('latin1', 0, 4) !== 'OggS') throw new RangeError('no page');
    const [stream, count] = [head.readUInt32LE(14), head.readUInt8(26)];
    const isFirst = (head.readUInt8(5) & IS_FIRST) !== 0;
    const body = at + PAGE_HEADER_BYTES + count;
    const segments = [...(await file.read(at + PAGE_HEADER_BYTES, count))];
    const end = segments.reduce((sum, size) => sum + size, body);
    if (end > file.size) throw new RangeError('a page is longer than the file');
    yield { at, body, end, stream, isFirst, segments };
    at = end;
  }
}

/** The last page names the count of samples. @throws RangeError if the first page is damaged */
export async function describeOgg(file: FileBytes): Promise<Playback> {
  const { value: first } = await oggPages(file).next();
  if (!first) throw new RangeError('no page');
  const packet = await file.read(first.body, first.end - first.body);
  const isOpus = packet.toString('latin1', 0, 8) === 'OpusHead';
  const isVorbis = packet.toString('latin1', 0, 7) === '\x01vorbis';
  if (!isOpus && !isVorbis) return sound(null);
  const tail = await file.upTo(Math.max(0, file.size - MAX_PAGE_BYTES), MAX_PAGE_BYTES);
  const last = tail.lastIndexOf('OggS');
  if (last < 0 || last + 14 > tail.length) return sound(null);
  const samples = Number(tail.readBigInt64LE(last + 6));
  return sound(
    isOpus ? seconds(samples - packet.readUInt16LE(10), OPUS_HERTZ) : seconds(samples, packet.readUInt32LE(12)),
  );
}
