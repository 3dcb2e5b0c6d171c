/** Raw pixels: 8 bits a channel, row by row, 3 channels (RGB) or 4 (with alpha). */
import sharp, { type Sharp } from 'sharp';

export type Bitmap = { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array };

/** A picture of one colour. */
export function plain(width: number, height: number, rgb: number): Bitmap {
  const data = new Uint8Array(width * height * 3);
  const color = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255] as const;
  for (let at = 0; at < data.length; at += 3) data.set(color, at);
  return { width, height, channels: 3, data };
}

/** Opens raw pixels with sharp. */
export function open({ width, height, channels, data }: Bitmap): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** The pixels of a sharp pipeline, as RGB, or RGBA when the pipeline says so. */
export async function pixels(image: Sharp): Promise<Bitmap> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels === 2) throw new Error('A grey picture with alpha has to be made RGBA first');
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3 | 4, data };
}
