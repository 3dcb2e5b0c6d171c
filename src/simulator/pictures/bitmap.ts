/** Raw pixels: 8 bits per channel, row by row; 1 channel (mask), 3 (RGB) or 4 (RGBA). */
import sharp, { type Sharp } from 'sharp';

export type Bitmap = { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array };

/** A picture of one colour. */
export function solid(width: number, height: number, rgb: number): Bitmap {
  const data = new Uint8Array(width * height * 3);
  const color = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255] as const;
  for (let at = 0; at < data.length; at += 3) data.set(color, at);
  return { width, height, channels: 3, data };
}

/** Opens raw pixels with sharp. */
export function toSharp({ width, height, channels, data }: Bitmap): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** Runs a sharp pipeline. Throws for grey with alpha, which no node uses. */
export async function toBitmap(image: Sharp): Promise<Bitmap> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels === 2) throw new Error('A grey picture with alpha must be converted to RGBA first');
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3 | 4, data };
}

/** Stretches the picture to another size. */
export async function resized(bitmap: Bitmap, width: number, height: number): Promise<Bitmap> {
  if (bitmap.width === width && bitmap.height === height) return bitmap;
  const image = toSharp(bitmap).resize(width, height, { fit: 'fill' });
  return await toBitmap(bitmap.channels === 1 ? image.toColourspace('b-w') : image);
}
