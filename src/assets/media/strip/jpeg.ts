/** JPEG: keeps the image, its color profile and its orientation, up to the end of the image. */
import { jpegSegments } from '../containers/jpeg.js';
import type { FileBytes } from '../file-bytes.js';
import { orientationOnly } from './exif.js';
import { latin, type Piece } from './pieces.js';

const [APP0, APP1, APP2, APP14, APP15, COMMENT] = [0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe];
const JFIF_BYTES = 12;
const ADOBE_BYTES = 12;

export async function* stripJpeg(file: FileBytes): AsyncGenerator<Piece> {
  yield latin('\xff\xd8');
  for await (const { marker, at, body, end } of jpegSegments(file)) {
    if (marker === COMMENT) continue;
    if (marker < APP0 || marker > APP15) yield { at, end };
    else yield* application(marker, await file.read(body, end - body));
  }
}

function* application(marker: number, data: Buffer): Iterable<Piece> {
  const starts = (text: string) => data.toString('latin1', 0, text.length) === text;
  // Without the thumbnail that may follow.
  if (marker === APP0 && starts('JFIF\0'))
    yield segment(marker, Buffer.concat([data.subarray(0, JFIF_BYTES), Buffer.alloc(2)]));
  if (marker === APP2 && starts('ICC_PROFILE\0')) yield segment(marker, data);
  if (marker === APP14 && starts('Adobe')) yield segment(marker, data.subarray(0, ADOBE_BYTES));
  const exif = marker === APP1 && starts('Exif\0\0') ? orientationOnly(data) : undefined;
  if (exif) yield segment(marker, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]));
}

function segment(marker: number, data: Buffer): Piece {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + data.length, 2);
  return { bytes: Buffer.concat([head, data]) };
}
