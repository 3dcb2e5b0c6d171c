/** Animated PNG and WebP. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { type Bitmap, toSharp } from '../pictures/bitmap.js';

type WebpOptions = { lossless: boolean; quality: number };

export async function writeAnimatedWebp(frames: Bitmap[], fps: number, options: WebpOptions): Promise<Buffer> {
  const pngs = await Promise.all(frames.map((frame) => toSharp(frame).png({ compressionLevel: 1 }).toBuffer()));
  const webp = { ...options, delay: frames.map(() => Math.round(1000 / fps)) };
  if (pngs.length < 2) return await sharp(pngs[0]).webp(webp).toBuffer();
  return await sharp(pngs, { join: { animated: true } })
    .webp(webp)
    .toBuffer();
}

/** Signature and header of a PNG. */
const HEAD_BYTES = 8 + 25;

export async function writeAnimatedPng(frames: Bitmap[], fps: number, compressionLevel: number): Promise<Buffer> {
  const pngs = await Promise.all(frames.map((frame) => toSharp(frame).png({ compressionLevel }).toBuffer()));
  const [first] = pngs;
  if (!first) throw new Error('An animation has at least one picture');
  const { width = 0, height = 0 } = frames[0] ?? {};
  let sequence = 0;
  const parts = [first.subarray(0, HEAD_BYTES), chunk('acTL', numbers(frames.length, 0))];
  for (const [nth, png] of pngs.entries()) {
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(Math.round(1000 / fps));
    delay.writeUInt16BE(1000, 2);
    parts.push(chunk('fcTL', Buffer.concat([numbers(sequence++, width, height, 0, 0), delay])));
    for (const data of dataOf(png))
      parts.push(nth === 0 ? chunk('IDAT', data) : chunk('fdAT', Buffer.concat([numbers(sequence++), data])));
  }
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]);
}

function* dataOf(png: Buffer): Generator<Buffer> {
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') yield png.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  return Buffer.concat([numbers(data.length), body, numbers(crc32(body))]);
}

function numbers(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, nth) => {
    out.writeUInt32BE(value, nth * 4);
  });
  return out;
}
