/** MP4 files with one video track. */
import type { Bitmap } from '../pictures/bitmap.js';
import { configurationOf, encodeH264 } from './h264.js';

/** Units of time in a second. */
const TIMESCALE = 90_000;

/** The matrix that changes nothing. */
const UNITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

export function writeMp4(frames: readonly Bitmap[], fps: number): Buffer {
  const { width = 0, height = 0 } = frames[0] ?? {};
  const video = encodeH264(frames);
  const { samples } = video;
  const step = Math.round(TIMESCALE / fps);
  const duration = step * samples.length;
  const type = box('ftyp', text('isom'), u32(0x200), text('isomiso2avc1mp41'));
  const media = box('mdat', ...samples.map(({ data }) => data));
  const keys = samples.flatMap(({ isKey }, nth) => (isKey ? [nth + 1] : []));
  const entry = box(
    'avc1',
    u32(0, 1, 0, 0, 0, 0),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box('avcC', configurationOf(video)),
  );
  const table = box(
    'stbl',
    box('stsd', u32(0, 1), entry),
    box('stts', u32(0, 1, samples.length, step)),
    box('stss', u32(0, keys.length, ...keys)),
    box('stsc', u32(0, 1, 1, samples.length, 1)),
    box('stsz', u32(0, 0, samples.length, ...samples.map(({ data }) => data.length))),
    box('stco', u32(0, 1, type.length + 8)),
  );
  const information = box(
    'minf',
    box('vmhd', u32(1, 0, 0)),
    box('dinf', box('dref', u32(0, 1), box('url ', u32(1)))),
    table,
  );
  const track = box(
    'trak',
    box('tkhd', u32(3, 0, 0, 1, 0, duration, 0, 0, 0, 0), UNITY, u32(width << 16, height << 16)),
    box(
      'mdia',
      box('mdhd', u32(0, 0, 0, TIMESCALE, duration, 0x55c40000)),
      box('hdlr', u32(0, 0), text('vide'), u32(0, 0, 0), text('video\0')),
      information,
    ),
  );
  const movie = u32(0, 0, 0, TIMESCALE, duration, 0x10000, 0x01000000, 0, 0);
  return Buffer.concat([type, media, box('moov', box('mvhd', movie, UNITY, u32(0, 0, 0, 0, 0, 0, 2)), track)]);
}

const box = (name: string, ...parts: Buffer[]): Buffer =>
  Buffer.concat([u32(8 + parts.reduce((sum, { length }) => sum + length, 0)), text(name), ...parts]);

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

function u32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, nth) => {
    out.writeUInt32BE(value >>> 0, nth * 4);
  });
  return out;
}

function u16(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 2);
  values.forEach((value, nth) => {
    out.writeUInt16BE(value, nth * 2);
  });
  return out;
}
