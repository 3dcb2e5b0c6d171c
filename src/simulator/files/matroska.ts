/** Matroska files with one video track: WebM with VP8, whose frames are those of WebP pictures, and MKV with H.264. */
import { type Bitmap, toSharp } from '../pictures/bitmap.js';
import { configurationOf, encodeH264 } from './h264.js';

type Track = { codec: string; configuration?: Buffer };
/** In milliseconds. */
type Block = { data: Buffer; from: number; duration: number; isKey: boolean };

export async function writeWebm(frames: readonly Bitmap[], fps: number): Promise<Buffer> {
  const blocks: Block[] = [];
  for (const [nth, frame] of frames.entries()) {
    const last = blocks.at(-1);
    // A picture that is shown again is shown for longer.
    if (last && frame === frames[nth - 1]) last.duration += 1000 / fps;
    else blocks.push({ data: await vp8(frame), from: (nth * 1000) / fps, duration: 1000 / fps, isKey: true });
  }
  return matroska('webm', { codec: 'V_VP8' }, frames, fps, blocks);
}

export function writeMkv(frames: readonly Bitmap[], fps: number): Buffer {
  const video = encodeH264(frames);
  const duration = 1000 / fps;
  const blocks = video.samples.map((sample, nth) => ({ ...sample, from: nth * duration, duration }));
  return matroska('matroska', { codec: 'V_MPEG4/ISO/AVC', configuration: configurationOf(video) }, frames, fps, blocks);
}

/** A lossy WebP is one key frame of VP8 in a chunk. */
async function vp8(frame: Bitmap): Promise<Buffer> {
  const webp = await toSharp(frame).webp({ quality: 80 }).toBuffer();
  const at = webp.indexOf('VP8 ');
  return webp.subarray(at + 8, at + 8 + webp.readUInt32LE(at + 4));
}

function matroska(type: string, track: Track, frames: readonly Bitmap[], fps: number, blocks: Block[]): Buffer {
  const { width = 0, height = 0 } = frames[0] ?? {};
  const head = element(
    0x1a45dfa3,
    number(0x4286, 1),
    number(0x42f7, 1),
    number(0x42f2, 4),
    number(0x42f3, 8),
    element(0x4282, text(type)),
    number(0x4287, 4),
    number(0x4285, 2),
  );
  const length = Buffer.alloc(8);
  length.writeDoubleBE((frames.length * 1000) / fps);
  const name = text('ComfyUI simulator');
  const information = element(
    0x1549a966,
    number(0x2ad7b1, 1_000_000),
    element(0x4489, length),
    element(0x4d80, name),
    element(0x5741, name),
  );
  const entry = element(
    0xae,
    number(0xd7, 1),
    number(0x73c5, 1),
    number(0x83, 1),
    element(0x86, text(track.codec)),
    ...(track.configuration ? [element(0x63a2, track.configuration)] : []),
    element(0xe0, number(0xb0, width), number(0xba, height)),
  );
  return Buffer.concat([head, element(0x18538067, information, element(0x1654ae6b, entry), ...blocks.map(cluster))]);
}

/** One cluster for each block: a block's time within its cluster has 16 bits. */
const cluster = ({ data, from, duration, isKey }: Block): Buffer =>
  element(
    0x1f43b675,
    number(0xe7, Math.round(from)),
    element(
      0xa0,
      element(0xa1, Buffer.from([0x81, 0, 0, 0]), data),
      number(0x9b, Math.max(1, Math.round(duration))),
      ...(isKey ? [] : [element(0xfb, Buffer.from([0xff]))]),
    ),
  );

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

function element(id: number, ...parts: Buffer[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(parts.reduce((sum, { length }) => sum + length, 0)) | (1n << 56n));
  return Buffer.concat([bytesOf(id), size, ...parts]);
}

const number = (id: number, value: number): Buffer => element(id, bytesOf(value));

/** The shortest big-endian form. */
function bytesOf(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}
