/** FLAC: blocks of metadata, then the sound. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';

const STREAM_INFO = 0;
const IS_LAST = 0x80;

/** Offsets in the file: of the block, of its content, and of the byte after it. */
export type Block = { kind: number; isLast: boolean; at: number; body: number; end: number };

/** @throws RangeError beyond the end of the file */
export async function* flacBlocks(file: FileBytes): AsyncGenerator<Block> {
  for (let at = 4, isLast = false; !isLast; ) {
    const head = await file.read(at, 4);
    const first = head.readUInt8(0);
    isLast = (first & IS_LAST) !== 0;
    const body = at + 4;
    const end = body + head.readUIntBE(1, 3);
    yield { kind: first & ~IS_LAST, isLast, at, body, end };
    at = end;
  }
}

/** @throws RangeError if it has no header */
export async function describeFlac(file: FileBytes): Promise<Playback> {
  for await (const { kind, body } of flacBlocks(file)) {
    if (kind !== STREAM_INFO) break;
    // 20 bits of the rate, 8 of the form of samples, 36 of their count.
    const packed = (await file.read(body + 10, 8)).readBigUInt64BE(0);
    return sound(seconds(Number(packed & 0xf_ffff_ffffn), Number(packed >> 44n)));
  }
  throw new RangeError('no header');
}
