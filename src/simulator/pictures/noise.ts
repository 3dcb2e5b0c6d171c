/** Smooth noise from 0 to 1, in one and two dimensions. It repeats every 256 units; pictures are smaller. */
import { random } from './random.js';

const { abs, floor, min } = Math;

const SIZE = 256;
const MASK = SIZE - 1;

export class Noise {
  readonly #grid = new Float32Array(SIZE * SIZE);

  constructor(seed: string) {
    const next = random(seed);
    for (let at = 0; at < this.#grid.length; at++) this.#grid[at] = next();
  }

  at(x: number, y: number): number {
    // No arrays: this runs millions of times per picture.
    const left = floor(x);
    const top = floor(y);
    const u = x - left;
    const v = y - top;
    const across = u * u * (3 - 2 * u);
    const x0 = left & MASK;
    const x1 = (left + 1) & MASK;
    const y0 = (top & MASK) * SIZE;
    const y1 = ((top + 1) & MASK) * SIZE;
    const grid = this.#grid;
    const a = grid[y0 + x0] as number;
    const c = grid[y1 + x0] as number;
    const upper = a + ((grid[y0 + x1] as number) - a) * across;
    const lower = c + ((grid[y1 + x1] as number) - c) * across;
    return upper + (lower - upper) * v * v * (3 - 2 * v);
  }

  /** Several octaves; `gain` is the weight of each octave relative to the coarser one. */
  octaves(x: number, y: number, count: number, gain = 0.5): number {
    let sum = 0;
    let weight = 1;
    let total = 0;
    let u = x;
    let v = y;
    for (let octave = 0; octave < count; octave++) {
      sum += weight * this.at(u, v);
      total += weight;
      weight *= gain;
      // Doubles and rotates, so that the grid stays invisible.
      const turned = 1.62 * u - 1.22 * v + 37.7;
      v = 1.22 * u + 1.62 * v + 17.3;
      u = turned;
    }
    return sum / total;
  }

  /** Octaves with sharp crests, like mountains. */
  ridges(x: number, y: number, count: number, gain = 0.5): number {
    let sum = 0;
    let weight = 1;
    let total = 0;
    let before = 1;
    let u = x;
    let v = y;
    for (let octave = 0; octave < count; octave++) {
      const crest = 1 - abs(2 * this.at(u, v) - 1);
      // Finer crests grow on coarser ones; valleys stay smooth.
      sum += weight * crest * crest * before;
      total += weight;
      before = min(1, crest * 1.3);
      weight *= gain;
      const turned = 1.62 * u - 1.22 * v + 31.1;
      v = 1.22 * u + 1.62 * v + 11.9;
      u = turned;
    }
    return sum / total;
  }
}
