/** A sampler's preview pictures: coarse and noisy at first, then clearer. */
import { type Bitmap, toBitmap, toSharp } from './bitmap.js';
import { random } from './random.js';

const { ceil, max, round } = Math;

/** Side of the square of pixels that a latent pixel covers. */
const LATENT_PX = 8;

/** Spread of the initial noise, in channel values. */
const NOISE = 190;

export class NoisyPreview {
  private constructor(
    private readonly coarse: Bitmap,
    private readonly fine: Bitmap,
  ) {}

  /** `side` is the longer side of the preview in pixels. */
  static async create(picture: Bitmap, side: number): Promise<NoisyPreview> {
    const scale = side / max(picture.width, picture.height);
    const width = max(1, round(picture.width * scale));
    const height = max(1, round(picture.height * scale));
    const fine = await toBitmap(toSharp(picture).resize(width, height, { fit: 'fill' }));
    const coarse = {
      width: max(2, ceil(width / LATENT_PX)),
      height: max(2, ceil(height / LATENT_PX)),
    };
    return new NoisyPreview(await toBitmap(toSharp(picture).resize({ ...coarse, fit: 'fill' })), fine);
  }

  /** `done` is from 0 to 1. */
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
    const noisy = toSharp({ ...coarse, data: new Uint8Array(data.buffer) });
    const grown = await toBitmap(noisy.resize(width, height, { fit: 'fill', kernel: 'cubic' }));
    if (done < 0.5) return grown;
    // Details appear last.
    const weight = ((done - 0.5) * 2) ** 1.5;
    for (let at = 0; at < grown.data.length; at++) {
      const from = grown.data[at] as number;
      grown.data[at] = from + ((fine.data[at] as number) - from) * weight;
    }
    return grown;
  }
}
