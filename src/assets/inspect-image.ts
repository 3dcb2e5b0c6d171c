/** Reads the format and the size of an image from its bytes, and rejects truncated files. */
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

export type ImageInfo = {
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
/** A ThumbHash keeps at most seven waves per side. */
const THUMB_SIDE = 32;

/** The bytes are not a complete image in a format that browsers show. */
export class InvalidImageError extends Error {
  override name = 'InvalidImageError';
}

/** @throws InvalidImageError */
export async function inspectImage(bytes: Uint8Array): Promise<ImageInfo> {
  try {
    // Only decoding the whole image, as the thumbnail does, finds a truncated file.
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated' });
    const { format, width, height } = await image.metadata();
    const extension = EXTENSIONS[format];
    if (!extension)
      throw new InvalidImageError(`Unsupported image format ${format}: the formats are png, jpeg, webp and gif`);
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
    if (cause instanceof InvalidImageError) throw cause;
    throw new InvalidImageError('Invalid or truncated image', { cause });
  }
}
