/** Sound files. FLAC contains the tone; MP3 and Opus need an encoder, and contain silence of the same length. */
import { crc } from './crc.js';

const FLAC_HERTZ = 8000;
const BLOCK = 4096;
const VOLUME = 8000;

const crc8 = crc(8, 0x07);
const crc16 = crc(16, 0x8005);
const crc32 = crc(32, 0x04c11db7);

/** Uncompressed, 16 bits, one channel. */
export function writeFlac(seconds: number, hertz: number): Buffer {
  const count = Math.max(1, Math.round(seconds * FLAC_HERTZ));
  const head = Buffer.alloc(42);
  head.write('fLaC\x80', 'latin1');
  head.writeUInt16BE(34, 6);
  head.writeUInt16BE(BLOCK, 8);
  head.writeUInt16BE(BLOCK, 10);
  // 20 bits of the rate, 3 of the channels, 5 of the sample size, 36 of the count; the checksum of the sound is unknown.
  const packed = (BigInt(FLAC_HERTZ) << 44n) | (15n << 36n) | BigInt(count);
  head.writeBigUInt64BE(packed, 18);
  const frames: Uint8Array[] = [head];
  for (let from = 0; from < count; from += BLOCK) frames.push(flacFrame(from, Math.min(BLOCK, count - from), hertz));
  return Buffer.concat(frames);
}

function flacFrame(from: number, length: number, hertz: number): Buffer {
  const start = [0xff, 0xf8, 0x74, 0x08, ...utf8(from / BLOCK), (length - 1) >> 8, (length - 1) & 255];
  const body = Buffer.alloc(start.length + 2 + length * 2 + 2);
  Buffer.from(start).copy(body);
  body[start.length] = crc8(body.subarray(0, start.length));
  body[start.length + 1] = 0x02;
  for (let nth = 0; nth < length; nth++) {
    const sample = Math.round(VOLUME * Math.sin((2 * Math.PI * hertz * (from + nth)) / FLAC_HERTZ));
    body.writeInt16BE(sample, start.length + 2 + nth * 2);
  }
  body.writeUInt16BE(crc16(body.subarray(0, -2)), body.length - 2);
  return body;
}

const utf8 = (value: number): Buffer => Buffer.from(String.fromCodePoint(value));

/** Frames of 32 kbit/s without any data. */
export function writeMp3(seconds: number): Buffer {
  const frame = Buffer.alloc(104);
  frame.set([0xff, 0xfb, 0x10, 0xc4]);
  const count = Math.max(1, Math.ceil((seconds * 44_100) / 1152));
  return Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), ...Array.from({ length: count }, () => frame)]);
}

const OPUS_HERTZ = 48_000;
/** 20 ms of silence. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const OPUS_SAMPLES = 960;
const PER_PAGE = 200;

export function writeOpus(seconds: number): Buffer {
  const head = Buffer.from('OpusHead\x01\x02\0\0\x80\xbb\0\0\0\0\0', 'latin1');
  const tags = Buffer.from('OpusTags\x09\0\0\0simulator\0\0\0\0', 'latin1');
  const count = Math.max(1, Math.ceil((seconds * OPUS_HERTZ) / OPUS_SAMPLES));
  const pages = [oggPage(0, 2, 0, [head]), oggPage(1, 0, 0, [tags])];
  for (let from = 0; from < count; from += PER_PAGE) {
    const packets = Array.from({ length: Math.min(PER_PAGE, count - from) }, () => SILENCE);
    const end = from + packets.length;
    pages.push(oggPage(pages.length, end === count ? 4 : 0, end * OPUS_SAMPLES, packets));
  }
  return Buffer.concat(pages);
}

function oggPage(nth: number, flags: number, position: number, packets: Buffer[]): Buffer {
  const head = Buffer.alloc(27 + packets.length);
  head.write('OggS', 'latin1');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(nth, 18);
  head[26] = packets.length;
  head.set(
    packets.map(({ length }) => length),
    27,
  );
  const page = Buffer.concat([head, ...packets]);
  page.writeUInt32LE(crc32(page), 22);
  return page;
}
