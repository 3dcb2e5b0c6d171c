/** The values on links: simplified versions of ComfyUI's tensors and models. */
import type { Sharp } from 'sharp';
import { type Bitmap, toBitmap, toSharp } from '../pictures/bitmap.js';
import { PythonError, typeName } from '../python/python.js';

/** A batch of pictures of one size, RGB. */
export class Images {
  constructor(readonly frames: Bitmap[]) {}

  get size(): { width: number; height: number } {
    const { width = 1, height = 1 } = this.frames[0] ?? {};
    return { width, height };
  }
}

/** A batch of masks of one size, one channel each. */
export class Masks {
  constructor(readonly frames: Bitmap[]) {}
}

/** Draws the picture at the first call. */
type LatentFrame = () => Promise<Bitmap>;

/** Size in pixels. `blank` is empty; `noisy` was not sampled to the end. */
export class Latent {
  constructor(
    readonly width: number,
    readonly height: number,
    readonly frames: LatentFrame[],
    readonly state: 'blank' | 'noisy' | 'clean' = 'clean',
  ) {}
}

export class Model {
  constructor(readonly name: string) {}
}

export class Clip {
  constructor(readonly name: string) {}
}

export class Vae {
  constructor(readonly name: string) {}
}

export class Conditioning {
  constructor(readonly text: string) {}
}

/** Draws the frame once and keeps it. */
export function memoize(draw: () => Promise<Bitmap>): LatentFrame {
  let drawn: Promise<Bitmap> | undefined;
  return () => {
    drawn ??= draw();
    return drawn;
  };
}

/** Throws a PythonError for a constant in place of a link: ComfyUI's validation accepts it, and the node fails. */
export function requireType<T>(kind: new (...args: never[]) => T, value: unknown): T {
  if (value instanceof kind) return value;
  throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute 'shape'`);
}

/** Applies a sharp pipeline to each picture of a batch. */
export async function transformImages(images: Images, change: (frame: Sharp) => Sharp): Promise<Images> {
  const changed = (frame: Bitmap) => toBitmap(change(toSharp(frame)).toColourspace('srgb').removeAlpha());
  return new Images(await Promise.all(images.frames.map(changed)));
}

/** Applies a function to each channel of each pixel. Clamps the result to 0..255. */
export function mapPixels(images: Images, change: (value: number) => number): Images {
  return new Images(images.frames.map((frame) => mapFramePixels(frame, change)));
}

export function mapFramePixels(frame: Bitmap, change: (value: number) => number): Bitmap {
  const data = new Uint8ClampedArray(frame.data.length);
  for (let at = 0; at < data.length; at++) data[at] = change(frame.data[at] ?? 0);
  return { ...frame, data: new Uint8Array(data.buffer) };
}
