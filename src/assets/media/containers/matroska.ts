/** WebM and Matroska: elements in elements. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds } from '../media-info.js';

/** Offsets in the file: of the element, of its content, and of the byte after it. */
export type Element = { id: number; at: number; body: number; end: number; isEndless: boolean };

export const Id = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
} as const;
const Info = { scale: 0x2ad7b1, duration: 0x4489 };
const Track = { entry: 0xae, video: 0xe0, width: 0xb0, height: 0xba };
const NANOSECONDS = 1e9;

/** @throws RangeError for an element that is longer than what contains it */
export async function* elements(file: FileBytes, from: number, to: number): AsyncGenerator<Element> {
  for (let at = from; at < to; ) {
    const head = await file.upTo(at, 12);
    const idLength = lengthOf(head, 0, 4);
    const sizeLength = lengthOf(head, idLength, 8);
    const id = head.readUIntBE(0, idLength);
    // The first one bit says how long the number is.
    let size = head.readUInt8(idLength) & (0xff >> sizeLength);
    for (let nth = 1; nth < sizeLength; nth += 1) size = size * 256 + head.readUInt8(idLength + nth);
    const body = at + idLength + sizeLength;
    // A size of ones is unknown: a recorder did not go back to write it.
    const isEndless = size === 2 ** (7 * sizeLength) - 1;
    const end = isEndless ? to : body + size;
    if (end > to) throw new RangeError('an element is longer than its parent');
    yield { id, at, body, end, isEndless };
    // The elements inside a cluster of unknown size follow as if they were beside it.
    at = isEndless && id !== Id.segment ? body : end;
  }
}

function lengthOf(head: Buffer, at: number, max: number): number {
  const length = Math.clz32(head.readUInt8(at)) - 23;
  if (length > max) throw new RangeError('no element');
  return length;
}

/** @throws RangeError if it is damaged, or contains no film */
export async function describeMatroska(file: FileBytes): Promise<Playback> {
  for await (const { id, body, end } of elements(file, 0, file.size))
    if (id === Id.segment) return await describeSegment(file, body, end);
  throw new RangeError('no film');
}

async function describeSegment(file: FileBytes, from: number, to: number): Promise<Playback> {
  const found: Playback = { duration: null, width: null, height: null };
  for await (const { id, body, end } of elements(file, from, to)) {
    if (id === Id.cluster) break;
    if (id === Id.info) found.duration = await durationOf(file, body, end);
    if (id === Id.tracks) Object.assign(found, await sizeOf(file, body, end));
  }
  return found;
}

async function durationOf(file: FileBytes, from: number, to: number): Promise<number | null> {
  let [scale, duration] = [1_000_000, 0];
  for await (const { id, body, end } of elements(file, from, to)) {
    if (id === Info.scale) scale = await numberOf(file, body, end);
    if (id !== Info.duration) continue;
    const value = await file.read(body, end - body);
    duration = value.length === 4 ? value.readFloatBE(0) : value.readDoubleBE(0);
  }
  return seconds(duration * scale, NANOSECONDS);
}

async function sizeOf(file: FileBytes, from: number, to: number): Promise<{ width?: number; height?: number }> {
  const size: { width?: number; height?: number } = {};
  for await (const { id, body, end } of elements(file, from, to)) {
    if (id === Track.entry || id === Track.video) Object.assign(size, await sizeOf(file, body, end));
    if (id === Track.width) size.width = await numberOf(file, body, end);
    if (id === Track.height) size.height = await numberOf(file, body, end);
  }
  return size;
}

async function numberOf(file: FileBytes, from: number, to: number): Promise<number> {
  return (await file.read(from, to - from)).readUIntBE(0, Math.min(6, to - from));
}
