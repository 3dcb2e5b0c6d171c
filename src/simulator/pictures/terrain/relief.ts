/** Clefts and crests, lit from one side: a coarse field, computed once per picture and interpolated. */
import type { Noise } from '../noise.js';

const { ceil, floor, max, min, round } = Math;

/** Maximum number of the field's rows. Small pictures have fewer. */
const MAX_ROWS = 300;
const MIN_ROWS = 60;

export class Relief {
  readonly #field: Float32Array;
  readonly #columns: number;
  readonly #rows: number;

  /** `aspect` is width / height; `light` is -1 from the left and 1 from the right. */
  constructor(
    noise: Noise,
    aspect: number,
    light: number,
    private readonly height: number,
  ) {
    const rows = min(MAX_ROWS, max(MIN_ROWS, round(height * 0.6)));
    this.#rows = rows;
    this.#columns = ceil(rows * aspect) + 2;
    const high = new Float32Array(this.#columns * rows);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < this.#columns; column++, at++) {
        const u = column / rows;
        const v = row / rows;
        const bend = noise.octaves(u * 6 + 80, v * 6, 2) * 0.9;
        high[at] = noise.ridges(u * 8 + v * 2.4 + bend, v * 6 - u * 1.2 + bend, 5, 0.58);
      }
    }
    this.#field = new Float32Array(high.length);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        const toward = min(this.#columns - 1, max(0, column + light * 2));
        const above = max(0, row - 2);
        const at = row * this.#columns + column;
        this.#field[at] = ((high[at] as number) - (high[above * this.#columns + toward] as number)) * 5;
      }
    }
  }

  /** Returns about -1, in the shade, to 1, in the light. Layers differ by `offset`, a fraction of the height. */
  at(x: number, y: number, offset = 0): number {
    const u = min(this.#columns - 2, max(0, (x / this.height) * this.#rows));
    const v = (y / this.height) * this.#rows + offset * this.#rows;
    const column = floor(u);
    const row = floor(v);
    const du = u - column;
    const dv = v - row;
    const upper = (row % this.#rows) * this.#columns + column;
    const lower = ((row + 1) % this.#rows) * this.#columns + column;
    const field = this.#field;
    const a = field[upper] as number;
    const b = field[lower] as number;
    const first = a + ((field[upper + 1] as number) - a) * du;
    return first + (b + ((field[lower + 1] as number) - b) * du - first) * dv;
  }
}
