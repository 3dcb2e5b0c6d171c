/** Judges a picture by its bytes: what it is, how large, and whether it is whole. */
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

export type Picture = {
  contentType: string;
  extension: string;
  /** In pixels. */
  width: number;
  height: number;
  /** Base64. */
  thumbHash: string;
};

const EXTENSIONS: Record<string, string> = { png: 'png', jpeg: 'jpg', webp: 'webp', gif: 'gif' };
const MAX_PIXELS = 64_000_000;
const THUMB_SIDE = 100;

/** Thrown for bytes that are not a whole picture of a kind that browsers show. */
export class NotAPictureError extends Error {
  override name = 'NotAPictureError';
}

/** @throws NotAPictureError */
export async function judgePicture(bytes: Uint8Array): Promise<Picture> {
  try {
    // Decoding it whole, as the thumbnail does, is what finds a truncated file.
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated' });
    const { format, width, height } = await image.metadata();
    const extension = EXTENSIONS[format];
    if (!extension) throw new NotAPictureError(`A ${format} is not a picture that can be shown`);
    const thumb = await image
      .resize(THUMB_SIDE, THUMB_SIDE, { fit: 'inside' })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const hash = rgbaToThumbHash(thumb.info.width, thumb.info.height, thumb.data);
    return {
      contentType: `image/${format}`,
      extension,
      width,
      height,
      thumbHash: Buffer.from(hash).toString('base64'),
    };
  } catch (cause) {
    if (cause instanceof NotAPictureError) throw cause;
    throw new NotAPictureError('The bytes are not a whole picture', { cause });
  }
}
