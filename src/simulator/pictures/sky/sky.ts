/** The sky from back to front: air and light, northern lights, stars, clouds. */

import { ramp } from '../colors/color.js';
import type { Composition } from '../composition.js';
import { paintAurora } from './aurora.js';
import { Clouds } from './clouds.js';
import { paintStars } from './stars.js';

const { ceil, exp, floor, max, min, sqrt } = Math;

/** The sun or the moon. `x` is a fraction of the width; `y` and `radius` are fractions of the height. */
export type Light = { x: number; y: number; radius: number };

const COLORS = 512;

export async function paintSky(painting: Composition): Promise<void> {
  const { scene, horizon } = painting;
  const isOpen = scene.land === 'ocean' || scene.water;
  // Behind land the sky continues a little below the horizon.
  const end = isOpen ? horizon : min(0.95, horizon + 0.1);
  const clouds = scene.clouds > 0.02 ? new Clouds(painting, end) : undefined;
  await paintAir(painting, end);
  if (scene.aurora) await paintAurora(painting, end);
  if (scene.hour === 'night' || scene.hour === 'dusk') paintStars(painting, end, clouds);
  await clouds?.paint(painting);
}

async function paintAir({ canvas, palette, light, scene, aspect }: Composition, end: number): Promise<void> {
  const { width, height, data } = canvas;
  const [top, upper, lower, low] = palette.sky;
  const stops = [top, upper, lower, low].map((color, index) => [[0, 0.38, 0.76, 1][index] ?? 1, color] as const);
  const colors = ramp(stops, COLORS);
  const isNight = scene.hour === 'night';
  const reach = palette.glow * 0.42;
  const [red, green, blue] = palette.light;
  const rows = min(height, ceil(end * height) + 2);
  for (let y = 0; y < rows; y++) {
    const v = y / height;
    const index = min(COLORS - 1, floor((v / end) * (COLORS - 1))) * 3;
    const down = (v - light.y) * 1.15;
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const across = (x / width - light.x) * aspect;
      const distance = sqrt(across * across + down * down);
      const shine = exp(-distance / reach) * (isNight ? 0.34 : 0.53);
      const halo = exp(-((distance / (light.radius * 2.6)) ** 2)) * (isNight ? 0.35 : 0.5);
      // The disc's edge is two pixels wide.
      const disc = min(1, max(0, ((light.radius - distance) * height + 1) / 2));
      const weight = max(min(1, shine + halo), disc);
      data[at] = lerp(colors[index] as number, red + 6 * disc, weight);
      data[at + 1] = lerp(colors[index + 1] as number, green + 4 * disc, weight);
      data[at + 2] = lerp(colors[index + 2] as number, blue, weight);
    }
    await canvas.yieldIfDue();
  }
}

function lerp(a: number, b: number, weight: number): number {
  return a + (b - a) * weight;
}
