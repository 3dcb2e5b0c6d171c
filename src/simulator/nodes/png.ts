/** PNG files with text chunks, which is how ComfyUI writes the graph into its pictures. */
import { crc32 } from 'node:zlib';
import { type Bitmap, open } from '../pictures/bitmap.js';

/** Signature and the IHDR chunk; text goes between it and the picture. */
const HEADER_BYTES = 8 + 25;

/** ComfyUI's level for saved pictures. */
const COMPRESSION = 4;

/** Texts have to be Latin-1. */
export async function writePng(picture: Bitmap, texts: Record<string, string> = {}): Promise<Buffer> {
  const png = await open(picture).png({ compressionLevel: COMPRESSION }).toBuffer();
  const chunks = Object.entries(texts).map(([key, text]) => textChunk(key, text));
  return Buffer.concat([png.subarray(0, HEADER_BYTES), ...chunks, png.subarray(HEADER_BYTES)]);
}

function textChunk(key: string, text: string): Buffer {
  const body = Buffer.concat([Buffer.from('tEXt'), Buffer.from(`${key}\0`, 'latin1'), Buffer.from(text, 'latin1')]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** The text chunks of a PNG file by key. Throws when it is no PNG. */
export function readPngTexts(png: Buffer): Record<string, string> {
  if (png.readUInt32BE(0) !== 0x89504e47) throw new Error('This is not a PNG file');
  const texts: Record<string, string> = {};
  for (let at = 8; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'tEXt') {
      const text = png.toString('latin1', at + 8, at + 8 + length);
      const end = text.indexOf('\0');
      texts[text.slice(0, end)] = text.slice(end + 1);
    }
    at += length + 12;
  }
  return texts;
}
