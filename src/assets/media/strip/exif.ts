/** EXIF: of all that cameras and ComfyUI write, only the orientation stays. */

const ORIENTATION = 0x0112;
const HEADER = 'Exif\0\0';

/** EXIF with the orientation alone; undefined if the image is upright. */
export function orientationOnly(block: Buffer): Buffer | undefined {
  const orientation = orientationOf(block.toString('latin1', 0, 6) === HEADER ? block.subarray(6) : block);
  if (orientation < 2 || orientation > 8) return undefined;
  const exif = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0', 'latin1');
  exif.writeUInt16BE(orientation, 18);
  return exif;
}

function orientationOf(tiff: Buffer): number {
  try {
    const isLittle = tiff.toString('latin1', 0, 2) === 'II';
    const u16 = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const first = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    const count = u16(first);
    for (let at = first + 2; at < first + 2 + count * 12; at += 12) if (u16(at) === ORIENTATION) return u16(at + 8);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
