/** Ogg: packets of Opus or Vorbis, spread over pages. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';

export const PAGE_HEADER_BYTES = 27;
const MAX_PAGE_BYTES = PAGE_HEADER_BYTES + 255 + 255 * 255;
const OPUS_HERTZ = 48_000;

/** The last page names the count of samples. @throws RangeError if the first page is damaged */
export async function describeOgg(file: FileBytes): Promise<Playback> {
  const segments = (await file.read(PAGE_HEADER_BYTES - 1, 1)).readUInt8(0);
  const packet = Buffer.from(await file.read(PAGE_HEADER_BYTES + segments, 19));
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
