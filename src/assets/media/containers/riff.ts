/** RIFF: chunks with a name, as in WAV and WebP. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';

/** Offsets in the file: of the chunk, of its content, and of the byte after the content. */
export type Chunk = { type: string; at: number; body: number; end: number };

const HEADER_BYTES = 12;
const BYTE_RATE = 8;

/** A last chunk that is cut off ends with the file. */
export async function* riffChunks(file: FileBytes): AsyncGenerator<Chunk> {
  for (let at = HEADER_BYTES; at + 8 <= file.size; ) {
    const head = await file.read(at, 8);
    const size = head.readUInt32LE(4);
    const body = at + 8;
    yield { type: head.toString('latin1', 0, 4), at, body, end: Math.min(body + size, file.size) };
    // Chunks begin at even places.
    at = body + size + (size % 2);
  }
}

/** @throws RangeError if it has no format or no sound */
export async function describeWav(file: FileBytes): Promise<Playback> {
  let rate: number | undefined;
  for await (const { type, body, end } of riffChunks(file)) {
    if (type === 'fmt ') rate = (await file.read(body + BYTE_RATE, 4)).readUInt32LE(0);
    if (type === 'data' && rate !== undefined) return sound(seconds(end - body, rate));
  }
  throw new RangeError('no sound');
}
