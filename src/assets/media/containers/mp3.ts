/** MP3: tags, then frames of sound. */
import type { FileBytes } from '../file-bytes.js';
import { type Playback, seconds, sound } from '../media-info.js';
import { tagsEnd, tagsStart } from './tags.js';

/** In kbit/s, by the index in the header, of layer III. */
const BIT_RATES = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const HERTZ = [44_100, 48_000, 32_000];
/** Padding may come between a tag and the first frame. */
const SEARCH_BYTES = 65_536;
/** The first frame with the fields that encoders put into it. */
const FIRST_FRAME_BYTES = 64;

/** `at` is an offset in the file. */
type Frame = { at: number; isMpeg1: boolean; isMono: boolean; hertz: number; bitRate: number };

export async function describeMp3(file: FileBytes): Promise<Playback> {
  const frame = await firstFrame(file);
  if (!frame) return sound(null);
  const count = countOfFrames(await file.upTo(frame.at, FIRST_FRAME_BYTES), frame);
  const bits = ((await tagsStart(file, frame.at)) - frame.at) * 8;
  return sound(
    count === undefined ? seconds(bits, frame.bitRate) : seconds(count * (frame.isMpeg1 ? 1152 : 576), frame.hertz),
  );
}

export async function firstFrame(file: FileBytes): Promise<Frame | undefined> {
  const start = await tagsEnd(file);
  const bytes = await file.upTo(start, SEARCH_BYTES);
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 4 <= bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const frame = frameOf(bytes.subarray(at, at + 4));
    if (frame) return { ...frame, at: start + at };
  }
  return undefined;
}

function frameOf(header: Buffer): Omit<Frame, 'at'> | undefined {
  const [second, third] = [header.readUInt8(1), header.readUInt8(2)];
  const version = (second >> 3) & 3;
  const isLayer3 = (second & 0xe6) === 0xe2;
  const hertz = HERTZ[(third >> 2) & 3];
  const bitRate = BIT_RATES[version === 3 ? 'mpeg1' : 'mpeg2'][third >> 4];
  if (!isLayer3 || version === 1 || !hertz || !bitRate) return undefined;
  return {
    isMpeg1: version === 3,
    isMono: header.readUInt8(3) >> 6 === 3,
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
