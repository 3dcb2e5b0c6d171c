/** How a picture looks before it is finished: coarse and noisy, then less so. What a sampler's previews show. */
import { type Bitmap, open, pixels } from './bitmap.js';
import { random } from './random.js';

const { ceil, max, round } = Math;

/** A latent pixel stands for so many pixels of the picture. */
const LATENT_PX = 8;

/** Spread of the noise at the beginning, in steps of a channel. */
const NOISE = 190;

export class Emergence {
  private constructor(
    private readonly coarse: Bitmap,
    private readonly fine: Bitmap,
  ) {}

  /** The longer side of what it shows is `side` pixels, whatever the picture's. */
  static async of(picture: Bitmap, side: number): Promise<Emergence> {
    const scale = side / max(picture.width, picture.height);
    const width = max(1, round(picture.width * scale));
    const height = max(1, round(picture.height * scale));
    const fine = await pixels(open(picture).resize(width, height, { fit: 'fill' }));
    const coarse = {
      width: max(2, ceil(width / LATENT_PX)),
      height: max(2, ceil(height / LATENT_PX)),
    };
    return new Emergence(await pixels(open(picture).resize({ ...coarse, fit: 'fill' })), fine);
  }

  /** `done` runs from 0 to 1. */
  async at(done: number): Promise<Bitmap> {
    const { coarse, fine } = this;
    const strength = (1 - done) ** 1.3;
    const next = random(`emerge ${done}`);
    const data = new Uint8ClampedArray(coarse.data.length);
    for (let at = 0; at < data.length; at++) {
      const noise = (next() + next() + next() - 1.5) * NOISE * strength;
      data[at] = 128 + ((coarse.data[at] as number) - 128) * (1 - strength * 0.75) + noise;
    }
    const { width, height } = fine;
    const noisy = open({ ...coarse, data: new Uint8Array(data.buffer) });
    const grown = await pixels(noisy.resize(width, height, { fit: 'fill', kernel: 'cubic' }));
    if (done < 0.5) return grown;
    // The details come last.
    const weight = ((done - 0.5) * 2) ** 1.5;
    for (let at = 0; at < grown.data.length; at++) {
      const from = grown.data[at] as number;
      grown.data[at] = from + ((fine.data[at] as number) - from) * weight;
    }
    return grown;
  }
}
