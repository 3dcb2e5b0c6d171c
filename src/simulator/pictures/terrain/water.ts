/** Water: mirrors the picture above it, with ripples and the light's path. */
import type { Canvas } from '../canvas.js';
import type { Color } from '../colors/color.js';
import type { Noise } from '../noise.js';
import type { Light } from '../sky/sky.js';

const { exp, log, max, min, round } = Math;

type Water = {
  /** The first row. */
  from: number;
  tint: Color;
  light: Light;
  lightColor: Color;
  /** 0 is a mirror, 1 the open sea. */
  waves: number;
  /** Brightness of the light's path. */
  glitter: number;
};

export async function paintWater(
  canvas: Canvas,
  { from, tint, light, lightColor, waves, glitter }: Water,
  noise: Noise,
) {
  const { width, height, data } = canvas;
  const start = max(1, round(from));
  const depth = height - start;
  const path = light.x * width;
  for (let y = start; y < height; y++) {
    const t = (y - start + 0.5) / depth;
    // Nearer waves are larger: the scale falls with the distance from the horizon.
    const scale = 1 / (0.02 + t * (0.55 + waves * 0.25));
    const rows = log(0.02 + t) * 26 * (1 + waves * 0.4);
    const tilt = (0.006 + t * 0.05) * (0.35 + waves * 1.7) * height;
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const across = ((x - width / 2) / height) * scale;
      const wave = noise.at(across * 0.9 + 60, rows) * 0.62 + noise.at(across * 2.6 + 9, rows * 2.3) * 0.38 - 0.5;
      const mirrored = start - 1 - (y - start) * (0.9 - waves * 0.25) + wave * tilt;
      const row = max(0, min(start - 1, round(mirrored)));
      const shifted = max(0, min(width - 1, round(x + wave * tilt * 0.35)));
      const source = (row * width + shifted) * 3;
      // Water reflects best near the horizon, at flat angles.
      const deep = 0.16 + t * (0.34 + waves * 0.22) + wave * (0.16 + waves * 0.55);
      const mix = min(0.82, max(0.05, deep));
      const spark = max(0, wave - 0.1) * 3.2;
      const spread = (0.012 + t * (0.1 + waves * 0.1)) * height;
      const onPath = exp(-(((x - path) / (spread * 2.2)) ** 2));
      const shine = glitter * onPath * (spark + 0.16 * (1 - t)) + max(0, wave - 0.24) * 0.5 * waves;
      for (let channel = 0; channel < 3; channel++) {
        const mirror = data[source + channel] as number;
        const value = mirror + ((tint[channel] as number) * (1 - t * 0.35) - mirror) * mix;
        data[at + channel] = value + ((lightColor[channel] as number) - value) * min(0.95, shine);
      }
    }
    await canvas.yieldIfDue();
  }
}
