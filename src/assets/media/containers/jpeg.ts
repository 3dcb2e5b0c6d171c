/** JPEG: segments with a marker. */
import type { FileBytes } from '../file-bytes.js';

const [START_OF_SCAN, END_OF_IMAGE] = [0xda, 0xd9];
const SCAN_BYTES = 65_536;

/** Offsets in the file: of the marker, of the content, and of the byte after it. A scan includes its image data. */
export type JpegSegment = { marker: number; at: number; body: number; end: number };

/** From the start of the image to its end. @throws RangeError if it is cut off or damaged */
export async function* jpegSegments(file: FileBytes): AsyncGenerator<JpegSegment> {
  for (let at = 2; ; ) {
    const head = await file.read(at, 2);
    const marker = head.readUInt8(1);
    if (head.readUInt8(0) !== 0xff) throw new RangeError('no marker');
    // Fill bytes may stand before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === END_OF_IMAGE) return yield { marker, at, body: at + 2, end: at + 2 };
    const length = (await file.read(at + 2, 2)).readUInt16BE(0);
    if (length < 2) throw new RangeError('a segment without its length');
    const end = at + 2 + length;
    if (end > file.size) throw new RangeError('a segment is longer than the file');
    const next = marker === START_OF_SCAN ? await nextMarker(file, end) : end;
    yield { marker, at, body: at + 4, end: next };
    at = next;
  }
}

/** Within image data, 0xff is followed by a zero, or restarts the decoder. */
async function nextMarker(file: FileBytes, from: number): Promise<number> {
  for (let start = from; ; start += SCAN_BYTES - 1) {
    const bytes = await file.upTo(start, SCAN_BYTES);
    for (let at = bytes.indexOf(0xff); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
      const marker = bytes.readUInt8(at + 1);
      if (marker !== 0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd7)) return start + at;
    }
    if (bytes.length < SCAN_BYTES) throw new RangeError('the image has no end');
  }
}
