/** MP4, M4A and QuickTime: boxes in boxes. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds } from '../media-info.js';

/** Offsets in the file: of the box, of its content, and of the byte after it. */
export type Box = { type: string; at: number; body: number; end: number };

/** @throws RangeError for a box that is longer than what contains it */
export async function* boxes(file: FileBytes, from: number, to: number): AsyncGenerator<Box> {
  for (let at = from; at + 8 <= to; ) {
    const head = await file.upTo(at, 16);
    const short = head.readUInt32BE(0);
    // 0: to the end. 1: a longer number follows.
    const size = short === 0 ? to - at : short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    const body = at + (short === 1 ? 16 : 8);
    const end = at + size;
    if (end < body || end > to) throw new RangeError('a box is longer than its parent');
    yield { type: head.toString('latin1', 4, 8), at, body, end };
    at = end;
  }
}

/** Where the picture of a rotated film has its sides exchanged, this number of the matrix is zero. */
const MATRIX_A = { version0: 40, version1: 52 };

/** @throws RangeError if it is damaged, or contains no film */
export async function describeMp4(file: FileBytes): Promise<Playback> {
  const found: Playback = { duration: null, width: null, height: null };
  let hasMovie = false;
  for await (const box of boxes(file, 0, file.size))
    if (box.type === 'moov') {
      hasMovie = true;
      await describeMovie(file, box, found);
    }
  if (!hasMovie) throw new RangeError('no film');
  return found;
}

async function describeMovie(file: FileBytes, movie: Box, found: Playback): Promise<void> {
  for await (const { type, at, body, end } of boxes(file, movie.body, movie.end)) {
    if (type === 'trak') await describeTrack(file, { type, at, body, end }, found);
    if (type === 'mvhd') {
      const head = await file.read(body, Math.min(end - body, 32));
      found.duration =
        head.readUInt8(0) === 1
          ? seconds(Number(head.readBigUInt64BE(24)), head.readUInt32BE(20))
          : seconds(head.readUInt32BE(16), head.readUInt32BE(12));
    }
  }
}

async function describeTrack(file: FileBytes, track: Box, found: Playback): Promise<void> {
  for await (const { type, body, end } of boxes(file, track.body, track.end)) {
    if (type !== 'tkhd') continue;
    const head = await file.read(body, end - body);
    const matrix = head.readUInt8(0) === 1 ? MATRIX_A.version1 : MATRIX_A.version0;
    const [width, height] = [head.readUInt16BE(matrix + 36), head.readUInt16BE(matrix + 40)];
    // A track of sound has no sides.
    if (width === 0 || height === 0 || found.width !== null) continue;
    const isTurned = head.readInt32BE(matrix) === 0;
    [found.width, found.height] = isTurned ? [height, width] : [width, height];
  }
}
