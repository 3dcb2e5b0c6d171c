/** PNG files with text chunks: ComfyUI stores the graph there. */
import { crc32 } from 'node:zlib';
import { type Bitmap, toSharp } from '../pictures/bitmap.js';

/** Signature and IHDR chunk. Text chunks follow them. */
const HEADER_BYTES = 8 + 25;

/** ComfyUI's compression level for saved images. */
const COMPRESSION = 4;

/** Texts must be Latin-1. */
export async function writePng(picture: Bitmap, texts: Record<string, string> = {}): Promise<Buffer> {
  const png = await toSharp(picture).png({ compressionLevel: COMPRESSION }).toBuffer();
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
