/** Makes the file of a mask from what was painted. */
import { encodePng } from './encode-png';
import { paint, type Stroke } from './strokes';

export type Size = { width: number; height: number };

export const sizeOf = ({ naturalWidth, naturalHeight }: HTMLImageElement): Size => ({
  width: naturalWidth,
  height: naturalHeight,
});

function pixelsOf({ width, height }: Size, draw: (canvas: HTMLCanvasElement) => void): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  draw(canvas);
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height);
  if (!pixels) throw new Error('The browser has no canvas');
  return pixels;
}

/** From 0, keep, to 255, change: one of each four bytes. */
const coverage = (size: Size, strokes: readonly Stroke[]): ImageData =>
  pixelsOf(size, (canvas) => paint(canvas, strokes, '#fff'));

/**
 * A mask by itself: what changes is white and transparent, the rest black and opaque. ComfyUI reads a mask from a colour channel,
 * where white changes, or from the alpha channel, where transparent changes; this file says the same in both.
 */
export function maskFile(size: Size, strokes: readonly Stroke[]): Promise<Blob> {
  const mask = coverage(size, strokes);
  for (let at = 0; at < mask.data.length; at += 4) {
    const change = mask.data[at + 3] ?? 0;
    mask.data.fill(change, at, at + 3);
    mask.data[at + 3] = 255 - change;
  }
  return encodePng(mask);
}

/** The picture, transparent where it changes, with its colours kept there. */
export function pictureWithHole(picture: HTMLImageElement, strokes: readonly Stroke[]): Promise<Blob> {
  const size = sizeOf(picture);
  const mask = coverage(size, strokes);
  const pixels = pixelsOf(size, (canvas) => canvas.getContext('2d')?.drawImage(picture, 0, 0));
  for (let at = 3; at < mask.data.length; at += 4) pixels.data[at] = 255 - (mask.data[at] ?? 0);
  return encodePng(pixels);
}
