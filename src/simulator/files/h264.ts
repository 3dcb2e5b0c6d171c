/**
 * H.264 without compression: a new picture is a frame of raw macroblocks (I_PCM), and a repeated picture is a frame that skips all of them.
 * Every player shows it, and it needs no encoder.
 */
import type { Bitmap } from '../pictures/bitmap.js';
import { BitWriter } from './bits.js';

const MACROBLOCK_PX = 16;
const LEVEL = 51;
const FRAME_NUMBER_BITS = 4;

/** A raw macroblock in an I slice: type 25, then zeros up to the next byte. */
const RAW = Buffer.from([0x0d, 0x00]);

export type H264 = { parameters: { sequence: Buffer; picture: Buffer }; samples: { data: Buffer; isKey: boolean }[] };

/** Each sample is one frame, with its length in front. Frames are of one size. */
export function encodeH264(frames: readonly Bitmap[]): H264 {
  const { width = 0, height = 0 } = frames[0] ?? {};
  const [wide, high] = [width, height].map((side) => Math.ceil(side / MACROBLOCK_PX)) as [number, number];
  let [number, keys] = [0, 0];
  const samples = frames.map((frame, nth) => {
    const isKey = frame !== frames[nth - 1];
    number = isKey ? 0 : (number + 1) % 2 ** FRAME_NUMBER_BITS;
    const data = isKey ? key(frame, wide, high, keys++ % 2) : skip(number, wide * high);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return { data: Buffer.concat([length, data]), isKey };
  });
  return {
    parameters: { sequence: sequenceParameters(width, height, wide, high), picture: pictureParameters() },
    samples,
  };
}

function sequenceParameters(width: number, height: number, wide: number, high: number): Buffer {
  const out = new BitWriter().bits(8, 66).bits(8, 0xc0).bits(8, LEVEL);
  // Id, bits of the frame number, output in the order of decoding, one reference frame without gaps.
  out
    .unsigned(0)
    .unsigned(FRAME_NUMBER_BITS - 4)
    .unsigned(2)
    .unsigned(1)
    .bits(1, 0);
  out
    .unsigned(wide - 1)
    .unsigned(high - 1)
    .bits(2, 0b11);
  // Hides what fills the last macroblocks, in units of 2 pixels.
  const [right, bottom] = [wide * MACROBLOCK_PX - width, high * MACROBLOCK_PX - height];
  out
    .bits(1, 1)
    .unsigned(0)
    .unsigned(right >> 1)
    .unsigned(0)
    .unsigned(bottom >> 1);
  return unit(0x67, out.bits(1, 0).end());
}

function pictureParameters(): Buffer {
  // Ids, no CABAC, one slice group, one reference, no weights, default quantizers, control of the deblocking filter.
  const out = new BitWriter().unsigned(0).unsigned(0).bits(2, 0).unsigned(0).unsigned(0).unsigned(0).bits(3, 0);
  return unit(0x68, out.unsigned(0).unsigned(0).unsigned(0).bits(3, 0b100).end());
}

function key(frame: Bitmap, wide: number, high: number, id: number): Buffer {
  const head = new BitWriter().unsigned(0).unsigned(7).unsigned(0).bits(FRAME_NUMBER_BITS, 0).unsigned(id);
  // No long-term reference, the default quantizer, no deblocking; then the type of the first macroblock.
  const first = head.bits(2, 0).unsigned(0).unsigned(1).unsigned(25).aligned();
  const parts = [first];
  for (let row = 0; row < high; row++) {
    for (let column = 0; column < wide; column++) {
      if (row + column > 0) parts.push(RAW);
      parts.push(macroblock(frame, column * MACROBLOCK_PX, row * MACROBLOCK_PX));
    }
  }
  return unit(0x65, Buffer.concat([...parts, Buffer.from([0x80])]));
}

function skip(number: number, macroblocks: number): Buffer {
  const head = new BitWriter().unsigned(0).unsigned(5).unsigned(0).bits(FRAME_NUMBER_BITS, number).bits(3, 0);
  return unit(0x41, head.unsigned(0).unsigned(1).unsigned(macroblocks).end());
}

/** 16 × 16 of brightness, then 8 × 8 of each colour difference, BT.601. Repeats the last pixels beyond the picture. */
function macroblock({ width, height, data }: Bitmap, left: number, top: number): Buffer {
  const out = Buffer.alloc(384);
  for (let y = 0; y < MACROBLOCK_PX; y++) {
    for (let x = 0; x < MACROBLOCK_PX; x++) {
      const at = (Math.min(top + y, height - 1) * width + Math.min(left + x, width - 1)) * 3;
      const [r, g, b] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      out[y * MACROBLOCK_PX + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 || y % 2) continue;
      const place = 256 + (y / 2) * 8 + x / 2;
      out[place] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      out[place + 64] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return out;
}

/** A unit of the stream; a 3 after two zeros keeps its bytes from looking like the start of another. */
function unit(type: number, payload: Buffer): Buffer {
  const out = Buffer.alloc(1 + payload.length + Math.ceil(payload.length / 2));
  out[0] = type;
  let [at, zeros] = [1, 0];
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      out[at++] = 3;
      zeros = 0;
    }
    out[at++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, at);
}

/** The configuration record that containers keep beside the samples. */
export function configurationOf({ parameters: { sequence, picture } }: H264): Buffer {
  const sized = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  const head = Buffer.from([1, 66, 0xc0, LEVEL, 0xff, 0xe1]);
  return Buffer.concat([head, sized(sequence), Buffer.from([1]), sized(picture)]);
}
