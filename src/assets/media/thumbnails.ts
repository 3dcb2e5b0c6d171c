/** Thumbnails of images: WebP of a few widths, without metadata. */
import sharp from 'sharp';
import { InvalidImageError, SAFELY, TIMEOUT_SECONDS } from './image.js';

/** In pixels, ascending. */
export const THUMBNAIL_WIDTHS = [192, 384, 768, 1536] as const;

/** The height of a thumbnail, as a multiple of its width: a taller image becomes narrower. WebP has at most 16,383 pixels per side. */
const MAX_RATIO = 4;
const QUALITY = 80;

/** The next larger width that thumbnails have, or the largest. */
export const nearestWidth = (width: number): number =>
  THUMBNAIL_WIDTHS.find((each) => each >= width) ?? Math.max(...THUMBNAIL_WIDTHS);

/**
 * The first frame, upright, in sRGB, never enlarged.
 * @param width in pixels; nearestWidth decides
 * @throws InvalidImageError
 */
export async function makeThumbnail(path: string, width: number): Promise<Buffer> {
  const nearest = nearestWidth(width);
  try {
    return await sharp(path, SAFELY)
      .timeout({ seconds: TIMEOUT_SECONDS })
      .autoOrient()
      .resize({ width: nearest, height: nearest * MAX_RATIO, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer();
  } catch (cause) {
    throw new InvalidImageError('Invalid or truncated image', { cause });
  }
}
