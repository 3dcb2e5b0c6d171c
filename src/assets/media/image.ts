/** Reads the format and the size of an image from its bytes, and rejects truncated files. */
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { hasTooManyCompressedTexts } from './compressed-texts.js';
import type { Local } from './file-bytes.js';
import type { MediaInfo } from './media-info.js';

export type ImageInfo = MediaInfo & { kind: 'IMAGE'; width: number; height: number; thumbHash: string };

const EXTENSIONS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};
const MAX_PIXELS = 64_000_000;
/** A ThumbHash keeps at most seven waves per side. */
const THUMB_SIDE = 32;
export const TIMEOUT_SECONDS = 60;

// In the whole process, sharp decodes no other formats: it would render SVG, which may name other files.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`) });

/** How sharp opens untrusted images. */
export const SAFELY = { limitInputPixels: MAX_PIXELS, failOn: 'truncated' } as const;

/** The bytes are not a complete image in a format that browsers show. */
export class InvalidImageError extends Error {
  override name = 'InvalidImageError';
}

/** @throws InvalidImageError */
export async function inspectImage(local: Local): Promise<ImageInfo> {
  if (await hasTooManyCompressedTexts(local)) throw new InvalidImageError('The image has too many compressed texts');
  try {
    // Only decoding the whole image, as the thumbnail does, finds a truncated file.
    const image = sharp(local, SAFELY).timeout({ seconds: TIMEOUT_SECONDS });
    const [{ mediaType = '', autoOrient, pages = 1 }, thumb] = await Promise.all([
      image.metadata(),
      image
        .autoOrient()
        .resize(THUMB_SIDE, THUMB_SIDE, { fit: 'inside' })
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true }),
    ]);
    const extension = EXTENSIONS[mediaType];
    if (!extension) throw new InvalidImageError(`Unsupported image type ${mediaType}`);
    const hash = rgbaToThumbHash(thumb.info.width, thumb.info.height, thumb.data);
    return {
      kind: 'IMAGE',
      contentType: mediaType,
      extension,
      ...autoOrient,
      isAnimated: pages > 1,
      duration: null,
      thumbHash: Buffer.from(hash).toString('base64'),
    };
  } catch (cause) {
    if (cause instanceof InvalidImageError) throw cause;
    throw new InvalidImageError('Invalid or truncated image: the formats are PNG, JPEG, WebP, GIF and AVIF', { cause });
  }
}
