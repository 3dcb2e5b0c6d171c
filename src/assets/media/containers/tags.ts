/** Tags before and after the frames of MP3, and of other sounds. */
import type { FileBytes } from '../file-bytes.js';

const ID3_HEADER_BYTES = 10;
const HAS_FOOTER = 0x10;
const ID3V1_BYTES = 128;
const APE_FOOTER_BYTES = 32;
const APE_HAS_HEADER = 0x80000000;
const LYRICS_END_BYTES = 15;

/** The end of the tags at the start. */
export async function tagsEnd(file: FileBytes): Promise<number> {
  for (let at = 0; ; ) {
    const length = id3Length(await file.upTo(at, ID3_HEADER_BYTES), 'ID3') || (await apeHeader(file, at));
    if (length === 0) return Math.min(at, file.size);
    at += length;
  }
}

/** The start of the tags at the end. @param from the start of the sound */
export async function tagsStart(file: FileBytes, from: number): Promise<number> {
  for (let end = file.size; ; ) {
    const length = await lastTag(file, end);
    if (length === 0 || end - length < from) return Math.max(end, from);
    end -= length;
  }
}

async function lastTag(file: FileBytes, end: number): Promise<number> {
  const tail = await file.upTo(Math.max(0, end - ID3V1_BYTES), Math.min(end, ID3V1_BYTES));
  if (tail.length === ID3V1_BYTES && tail.toString('latin1', 0, 3) === 'TAG') return ID3V1_BYTES;
  const id3 = id3Length(tail.subarray(-ID3_HEADER_BYTES), '3DI');
  if (id3 > 0) return id3;
  const lyrics = /^(\d{6})LYRICS200$/.exec(tail.toString('latin1', tail.length - LYRICS_END_BYTES));
  if (lyrics) return Number(lyrics[1]) + LYRICS_END_BYTES;
  const ape = tail.subarray(-APE_FOOTER_BYTES);
  if (ape.length < APE_FOOTER_BYTES || ape.toString('latin1', 0, 8) !== 'APETAGEX') return 0;
  return ape.readUInt32LE(12) + (ape.readUInt32LE(20) & APE_HAS_HEADER ? APE_FOOTER_BYTES : 0);
}

/** With its header and footer; 0 for no tag. */
function id3Length(head: Buffer, magic: string): number {
  if (head.length < ID3_HEADER_BYTES || head.toString('latin1', 0, 3) !== magic) return 0;
  // Sizes have seven bits in each byte.
  const size = [6, 7, 8, 9].reduce((sum, nth) => sum * 128 + (head.readUInt8(nth) & 127), 0);
  return ID3_HEADER_BYTES + size + (head.readUInt8(5) & HAS_FOOTER ? ID3_HEADER_BYTES : 0);
}

async function apeHeader(file: FileBytes, at: number): Promise<number> {
  const head = await file.upTo(at, APE_FOOTER_BYTES);
  const isApe = head.length === APE_FOOTER_BYTES && head.toString('latin1', 0, 8) === 'APETAGEX';
  return isApe ? head.readUInt32LE(12) + APE_FOOTER_BYTES : 0;
}
