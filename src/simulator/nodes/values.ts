/** What flows along the links: ComfyUI's tensors and models, as far as a picture needs them. */
import type { Sharp } from 'sharp';
import { type Bitmap, open, pixels } from '../pictures/bitmap.js';
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

/** A picture that is drawn when it is first asked for. */
export type LatentFrame = () => Promise<Bitmap>;

/** Size in pixels. `blank` has nothing in it yet; `noisy` was not sampled to its end. */
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

/** Draws a frame once. */
export function once(draw: () => Promise<Bitmap>): LatentFrame {
  let drawn: Promise<Bitmap> | undefined;
  return () => {
    drawn ??= draw();
    return drawn;
  };
}

/** Constants pass for links in validation and fail only here, as in the real one. */
export function take<T>(kind: new (...args: never[]) => T, value: unknown): T {
  if (value instanceof kind) return value;
  throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute 'shape'`);
}

/** Applies a sharp pipeline to each picture of a batch. */
export async function each(images: Images, change: (frame: Sharp) => Sharp): Promise<Images> {
  const changed = (frame: Bitmap) => pixels(change(open(frame)).toColourspace('srgb').removeAlpha());
  return new Images(await Promise.all(images.frames.map(changed)));
}

/** Applies a function to each channel of each pixel; the result is clamped to 0..255. */
export function map(images: Images, change: (value: number) => number): Images {
  return new Images(images.frames.map((frame) => mapFrame(frame, change)));
}

export function mapFrame(frame: Bitmap, change: (value: number) => number): Bitmap {
  const data = new Uint8ClampedArray(frame.data.length);
  for (let at = 0; at < data.length; at++) data[at] = change(frame.data[at] ?? 0);
  return { ...frame, data: new Uint8Array(data.buffer) };
}
