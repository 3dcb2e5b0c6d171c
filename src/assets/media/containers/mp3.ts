/** MP3: tags, then frames of sound. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';

/** In kbit/s, by the index in the header, of layer III. */
const BIT_RATES = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const HERTZ = [44_100, 48_000, 32_000];
const ID3_HEADER_BYTES = 10;
const HAS_FOOTER = 0x10;
/** Padding may come between a tag and the first frame. */
const SEARCH_BYTES = 65_536;

type Frame = { at: number; isMpeg1: boolean; isMono: boolean; hertz: number; bitRate: number };

/** The length of a tag at the start, with its header; 0 without one. */
export async function id3Length(file: FileBytes, at: number): Promise<number> {
  const head = await file.upTo(at, ID3_HEADER_BYTES);
  if (head.length < ID3_HEADER_BYTES || head.toString('latin1', 0, 3) !== 'ID3') return 0;
  // Sizes have seven bits in each byte.
  const size = [6, 7, 8, 9].reduce((sum, nth) => sum * 128 + (head.readUInt8(nth) & 127), 0);
  return ID3_HEADER_BYTES + size + (head.readUInt8(5) & HAS_FOOTER ? ID3_HEADER_BYTES : 0);
}

export async function describeMp3(file: FileBytes): Promise<Playback> {
  const start = await id3Length(file, 0);
  const bytes = Buffer.from(await file.upTo(start, SEARCH_BYTES));
  const frame = firstFrame(bytes);
  if (!frame) return sound(null);
  const samples = frame.isMpeg1 ? 1152 : 576;
  const count = countOfFrames(bytes.subarray(frame.at), frame);
  return sound(
    count === undefined
      ? seconds((file.size - start - frame.at) * 8, frame.bitRate)
      : seconds(count * samples, frame.hertz),
  );
}

function firstFrame(bytes: Buffer): Frame | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const frame = frameAt(bytes, at);
    if (frame) return frame;
  }
  return undefined;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const [second, third] = [bytes.readUInt8(at + 1), bytes.readUInt8(at + 2)];
  const version = (second >> 3) & 3;
  const isLayer3 = (second & 0xe6) === 0xe2;
  const hertz = HERTZ[(third >> 2) & 3];
  const bitRate = BIT_RATES[version === 3 ? 'mpeg1' : 'mpeg2'][third >> 4];
  if (!isLayer3 || version === 1 || !hertz || !bitRate) return undefined;
  return {
    at,
    isMpeg1: version === 3,
    isMono: bytes.readUInt8(at + 3) >> 6 === 3,
    hertz: hertz / (version === 3 ? 1 : version === 2 ? 2 : 4),
    bitRate: bitRate * 1000,
  };
}

/** Encoders with a variable bit rate write it into the first frame. */
function countOfFrames(frame: Buffer, { isMpeg1, isMono }: Frame): number | undefined {
  const xing = 4 + (isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17);
  if (/^(Xing|Info)$/.test(frame.toString('latin1', xing, xing + 4)) && frame.length >= xing + 12)
    return frame.readUInt32BE(xing + 4) & 1 ? frame.readUInt32BE(xing + 8) : undefined;
  if (frame.toString('latin1', 36, 40) === 'VBRI' && frame.length >= 54) return frame.readUInt32BE(50);
  return undefined;
}
