/** A picture while it is painted: three floats a pixel, 0 to 255, so that soft gradients do not turn into bands. */
import type { Bitmap } from './bitmap.js';
import { random } from './random.js';

/** So long a painter may keep the process busy before others get their turn. */
const SLICE_MS = 8;

export class Canvas {
  readonly data: Float32Array;
  #sliceEnd = performance.now() + SLICE_MS;

  constructor(
    readonly width: number,
    readonly height: number,
    private readonly signal?: AbortSignal,
  ) {
    this.data = new Float32Array(width * height * 3);
  }

  /** To be called between rows: lets the event loop run when it is time. Throws when the signal aborted. */
  async breathe(): Promise<void> {
    if (performance.now() < this.#sliceEnd) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.signal?.throwIfAborted();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** Rounds with a little noise in place of bands, darkens the corners and adds grain. */
  async finish(seed: string, { vignette = 0.22, grain = 2.2 } = {}): Promise<Bitmap> {
    const { width, height, data } = this;
    const bytes = new Uint8ClampedArray(data.length);
    const next = random(`grain ${seed}`);
    const noise = Float32Array.from({ length: 4093 }, () => next() + next() - 1);
    for (let y = 0, at = 0, pixel = 0; y < height; y++) {
      const fromMiddle = (y / height - 0.5) ** 2;
      for (let x = 0; x < width; x++, pixel++) {
        const corner = ((x / width - 0.5) ** 2 + fromMiddle) * 2;
        const light = 1 - vignette * corner * corner * 2.2;
        const dust = (noise[(pixel * 7 + y) % 4093] as number) * grain;
        for (let channel = 0; channel < 3; channel++, at++) {
          bytes[at] = (data[at] as number) * light + dust;
        }
      }
      await this.breathe();
    }
    return { width, height, channels: 3, data: new Uint8Array(bytes.buffer) };
  }
}
