/** Image to image: mixes the source and the painting. */
import { type Bitmap, toBitmap, toSharp } from './bitmap.js';

/** `denoise` is from 0, only the source, to 1, only the painting. The result has the source's size. */
export async function mix(source: Bitmap, painted: Bitmap, denoise: number): Promise<Bitmap> {
  const { width, height } = painted;
  const fitted =
    source.width === width && source.height === height && source.channels === 3
      ? source
      : await toBitmap(toSharp(source).removeAlpha().toColourspace('srgb').resize(width, height, { fit: 'fill' }));
  const weight = denoise * denoise * (3 - 2 * denoise);
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at++) {
    const from = fitted.data[at] ?? 0;
    data[at] = from + ((painted.data[at] ?? 0) - from) * weight;
  }
  return { width, height, channels: 3, data };
}
