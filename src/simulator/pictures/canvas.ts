/** A picture in progress: three floats per pixel, 0 to 255, so that gradients show no bands. */
import type { Bitmap } from './bitmap.js';
import { random } from './random.js';

/** How long painting may block the event loop. */
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

  /** Called between rows: yields to the event loop every SLICE_MS. Throws when the signal has aborted. */
  async yieldIfDue(): Promise<void> {
    if (performance.now() < this.#sliceEnd) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.signal?.throwIfAborted();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** Darkens the corners, adds grain and rounds to bytes; the grain hides bands. */
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
      await this.yieldIfDue();
    }
    return { width, height, channels: 3, data: new Uint8Array(bytes.buffer) };
  }
}
