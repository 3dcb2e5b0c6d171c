/** Northern lights: curtains over the horizon that fade upwards. */
import type { Composition } from '../composition.js';
import { random } from '../random.js';

const { ceil, exp, max, min } = Math;

const LOW = [90, 255, 170] as const;
const HIGH = [170, 110, 255] as const;

const STRENGTH = 0.62;

const CURTAINS = 3;

/** `end` is the lower end of the sky, as a fraction of the height. */
export async function paintAurora({ canvas, noise, seed }: Composition, end: number): Promise<void> {
  const { width, height, data } = canvas;
  const next = random(`aurora ${seed}`);
  const rows = min(height, ceil(end * height));
  for (let curtain = 0; curtain < CURTAINS; curtain++) {
    const middle = 0.42 + curtain * 0.17 + next() * 0.08;
    const reach = 0.26 + next() * 0.22;
    const place = next() * 90;
    const strength = 0.5 + next() * 0.4;
    for (let x = 0; x < width; x++) {
      const u = x / height;
      const foot = middle + (noise.octaves(u * 1.7 + place, 3, 3) - 0.5) * 0.5;
      const folds = noise.octaves(u * 9 + place, 7, 3) ** 1.6 * noise.octaves(u * 1.3 + place, 21, 2) * 2.1;
      for (let y = 0; y < rows; y++) {
        const above = foot - y / rows;
        if (above < -0.035) break;
        const fade = above < 0 ? 1 + above / 0.035 : exp(-above / (reach * 0.42));
        const glow = fade * folds * strength * STRENGTH;
        const high = min(1, max(0, above / reach));
        const at = (y * width + x) * 3;
        for (let channel = 0; channel < 3; channel++) {
          const low = LOW[channel] as number;
          data[at + channel] = (data[at + channel] as number) + glow * (low + ((HIGH[channel] as number) - low) * high);
        }
      }
      if ((x & 15) === 0) await canvas.yieldIfDue();
    }
  }
}
