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

/** What a latent has besides its pictures. */
type LatentParts = {
  /** How many frames of a video each picture stands for; 1 by default. */
  length?: number;
  /** The duration of a sound. */
  seconds?: number;
  /** White where samplers may paint. */
  mask?: Bitmap;
};

/** Size in pixels. `blank` is empty; `noisy` was not sampled to the end. */
export class Latent {
  constructor(
    readonly width: number,
    readonly height: number,
    readonly frames: LatentFrame[],
    readonly state: 'blank' | 'noisy' | 'clean' = 'clean',
    readonly parts: LatentParts = {},
  ) {}

  /** The same size and parts with other pictures. */
  with(frames: LatentFrame[], state: Latent['state'] = 'clean', parts: LatentParts = this.parts): Latent {
    return new Latent(this.width, this.height, frames, state, parts);
  }
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
  /** @param reference the picture that an edit starts from */
  constructor(
    readonly text: string,
    readonly reference?: LatentFrame,
  ) {}
}

/** A value that only other nodes use, such as a ControlNet. */
export class Handle {
  constructor(
    readonly type: string,
    readonly name: string,
  ) {}
}

export class Noise {
  constructor(readonly seed: unknown) {}
}

export class Sigmas {
  constructor(
    readonly steps: number,
    readonly denoise: number,
  ) {}
}

export class Guider {
  constructor(
    readonly model: Model,
    readonly positive: Conditioning,
    readonly negative: Conditioning,
  ) {}
}

/** A tone. */
export class Sound {
  constructor(
    readonly seconds: number,
    readonly hertz: number,
  ) {}
}

export class Video {
  /** @param source the file that was loaded */
  constructor(
    readonly images: Images,
    readonly fps: number,
    readonly sound?: Sound,
    readonly source?: { bytes: Buffer; extension: string },
  ) {}
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
  // The frames of a video share one bitmap.
  const changed = new Map<Bitmap, Promise<Bitmap>>();
  for (const frame of images.frames) {
    if (!changed.has(frame)) changed.set(frame, toBitmap(change(toSharp(frame)).toColourspace('srgb').removeAlpha()));
  }
  return new Images(await Promise.all(images.frames.map((frame) => changed.get(frame) ?? frame)));
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
