/** PNG: keeps the chunks that say how the image looks and moves. */
import { crc32 } from 'node:zlib';
import { PNG_SIGNATURE_BYTES, pngChunks } from '../containers/png.js';
import type { FileBytes } from '../file-bytes.js';
import { orientationOnly } from './exif.js';
import type { Piece } from './pieces.js';

const KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS acTL fcTL fdAT cHRM cICP cLLI mDCV gAMA iCCP sBIT sRGB bKGD pHYs'.split(' '),
);

export async function* stripPng(file: FileBytes): AsyncGenerator<Piece> {
  yield { at: 0, end: PNG_SIGNATURE_BYTES };
  for await (const { type, at, body, end } of pngChunks(file)) {
    if (KEPT.has(type)) yield { at, end };
    const exif = type === 'eXIf' ? orientationOnly(await file.read(body, end - 4 - body)) : undefined;
    if (exif) yield { bytes: chunk(type, exif) };
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}
