/** Shafts of light through mist. */
import type { Canvas } from '../canvas.js';
import type { Color } from '../colors/color.js';
import type { Noise } from '../noise.js';
import type { Light } from './sky.js';

const { PI, atan2, floor, hypot, max, min } = Math;

const ANGLES = 2048;

/** Brightens the picture; `strength` is from 0 to 1. */
export async function paintRays(
  canvas: Canvas,
  light: Light,
  color: Color,
  strength: number,
  noise: Noise,
): Promise<void> {
  const { width, height, data } = canvas;
  const shafts = Float32Array.from({ length: ANGLES }, (_, at) => {
    const angle = (at / ANGLES) * 40;
    return max(0, noise.octaves(angle, 3, 3) - 0.42) * 2.2;
  });
  const [cx, cy] = [light.x * width, light.y * height - height * 0.1];
  for (let y = 0; y < height; y++) {
    const dy = (y - cy) / height;
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const dx = (x - cx) / height;
      const distance = hypot(dx, dy);
      const angle = floor(((atan2(dy, dx) + PI) / (2 * PI)) * (ANGLES - 1));
      const amount = (shafts[angle] as number) * strength * max(0, 1 - distance / 0.95) * min(1, distance / 0.12) * 0.6;
      for (let channel = 0; channel < 3; channel++) {
        const under = data[at + channel] as number;
        data[at + channel] = under + ((color[channel] as number) - under) * amount;
      }
    }
    await canvas.yieldIfDue();
  }
}
