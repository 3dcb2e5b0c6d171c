/** Clouds, lit by the light. They are soft, so a coarse field is enough and much faster than every pixel. */
import type { Composition } from '../composition.js';

const { ceil, exp, floor, max, min, round, sqrt } = Math;

/** Maximum and minimum of the field's columns and rows. */
const MAX_FIELD = 192;
const MIN_FIELD = 48;

export class Clouds {
  readonly #size: number;
  readonly #density: Float32Array;
  readonly #lit: Float32Array;

  /** `end` is the lower end of the sky, as a fraction of the height. */
  constructor(
    { scene, light, aspect, noise, canvas }: Composition,
    private readonly end: number,
  ) {
    const size = min(MAX_FIELD, max(MIN_FIELD, round(canvas.width * 0.4)));
    this.#size = size;
    this.#density = new Float32Array(size * size);
    this.#lit = new Float32Array(size * size);
    const threshold = 0.66 - scene.clouds * 0.3;
    const shape = (u: number, v: number) => {
      // Toward the horizon clouds are farther away, so smaller and flatter.
      const far = 1 / (1.16 - v * 0.92);
      const x = (u - 0.5) * aspect * 2.1 * far + 40;
      const y = v * far * 4.4 + 12;
      const warp = noise.octaves(x * 0.7 + 9, y * 0.7, 2) - 0.5;
      return noise.octaves(x + warp * 1.5, y + warp * 1.1, 5, 0.53);
    };
    const lightV = min(1, light.y / end);
    for (let at = 0; at < this.#density.length; at++) {
      const u = (at % size) / (size - 1);
      const v = floor(at / size) / (size - 1);
      const value = shape(u, v);
      const amount = min(1, max(0, (value - threshold) / 0.24));
      if (amount === 0) continue;
      const across = light.x - u;
      const up = lightV - v;
      const length = sqrt(across * across + up * up) || 1;
      const toward = shape(u + (across / length) * 0.025, v + (up / length) * 0.04);
      // They fade into the haze at the horizon.
      this.#density[at] = amount * amount * (3 - 2 * amount) * min(1, (1.06 - v) * 3.2);
      const near = exp(-length * 2.2) * 0.45;
      this.#lit[at] = min(1, max(0, 0.5 + (value - toward) * 5.5 - amount * 0.25) + near);
    }
  }

  /** How much of the sky the clouds hide; `u` and `v` are fractions of the picture's width and height. */
  density(u: number, v: number): number {
    return this.#sample(this.#density, u, v / this.end);
  }

  async paint({ canvas, palette, scene }: Composition): Promise<void> {
    const { width, height, data } = canvas;
    const opacity = scene.hour === 'night' ? 0.62 : 0.9;
    const { cloudDark: dark, cloudLit: bright } = palette;
    const rows = min(height, ceil(this.end * height) + 2);
    for (let y = 0; y < rows; y++) {
      const v = min(1, y / height / this.end);
      for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
        const cover = this.#sample(this.#density, x / width, v) * opacity;
        if (cover < 0.004) continue;
        const lit = this.#sample(this.#lit, x / width, v);
        for (let channel = 0; channel < 3; channel++) {
          const under = data[at + channel] as number;
          const from = dark[channel] as number;
          data[at + channel] = under + (from + ((bright[channel] as number) - from) * lit - under) * cover;
        }
      }
      await canvas.yieldIfDue();
    }
  }

  #sample(field: Float32Array, u: number, v: number): number {
    const size = this.#size;
    const x = min(size - 1.001, max(0, u * (size - 1)));
    const y = min(size - 1.001, max(0, v * (size - 1)));
    const left = floor(x);
    const top = floor(y);
    const du = x - left;
    const at = top * size + left;
    const a = field[at] as number;
    const c = field[at + size] as number;
    const upper = a + ((field[at + 1] as number) - a) * du;
    const lower = c + ((field[at + size + 1] as number) - c) * du;
    return upper + (lower - upper) * (y - top);
  }
}
