/** Mountain ranges over a lake or a wooded valley. */
import { type Color, mixColors } from '../colors/color.js';
import type { Composition } from '../composition.js';
import { hills, mountains } from '../terrain/outline.js';
import { rock } from '../terrain/surfaces.js';
import type { Trees } from '../terrain/trees.js';

const SNOW: Color = [246, 249, 255];

/** How much the hour darkens snow. */
const DARK = { day: 0, dawn: 0.1, sunset: 0.22, dusk: 0.45, night: 0.62 };

export async function paintMountains(painting: Composition): Promise<void> {
  const { scene, palette, next, horizon, canvas, noise, seed, side, aspect } = painting;
  const { height } = canvas;
  const relief = painting.relief();
  const snow = mixColors(mixColors(SNOW, palette.light, 0.3), palette.distant, DARK[scene.hour]);
  const tall = 0.3 + next() * 0.11;
  // On the side opposite to the light.
  const peak = ((side < 0 ? 0.6 : 0.26) + next() * 0.14) * aspect;
  const ranges = [
    { height: tall, scale: 1.3 + next() * 0.6, near: 0.04, snow: 0.42, peak },
    { height: tall * 0.66, scale: 1.7 + next() * 0.6, near: 0.26, snow: 0.66 },
    { height: tall * 0.36, scale: 2.4 + next() * 0.8, near: 0.48, snow: 0 },
  ];
  for (const [index, range] of ranges.entries()) {
    const snowline = scene.snow && range.snow > 0 ? range.snow * range.height * height : 0;
    await painting.layer(`range ${index}`, {
      outline: mountains(noise, `range ${index} ${seed}`, range),
      base: horizon,
      floor: horizon + 0.03,
      near: range.near,
      fade: range.height * 0.8,
      mist: 0.9,
      surface: rock(relief, { height, light: side, contrast: 0.34, snowline, offset: index / 3 }),
      tint: snow,
    });
  }
  await painting.layer('shore', {
    outline: hills(noise, `shore ${seed}`, { height: 0.035, scale: 2.2 }),
    base: horizon + 0.006,
    floor: scene.water ? horizon + 0.006 : 1,
    near: 0.66,
    fade: 0.085,
    mist: 0.75,
    trees: { size: 0.05, density: 4.2, kind: 'conifer', clearings: 0.2 },
  });
  if (!scene.water) return await paintValley(painting);
  await painting.water(0.06 + next() * 0.14, 0.55);
  await painting.bank(0.1, 0.2);
}

/** Woods in layers toward the foreground. */
async function paintValley(painting: Composition): Promise<void> {
  for (let index = 0; index < 4; index++) {
    const at = index / 3;
    const size = { height: 0.1 + at * 0.05, scale: 1.7 - at * 0.5 };
    const trees: Trees = { size: 0.07 + at * 0.17, density: 3.4 - at * 0.8, kind: 'conifer', clearings: 0.22 };
    await painting.layer(`valley ${index}`, {
      outline: hills(painting.noise, `valley ${index} ${painting.seed}`, size),
      base: painting.horizon + 0.09 + at * 0.33,
      floor: 1,
      near: 0.7 + at * 0.3,
      fade: 0.13 + at * 0.14,
      mist: 0.85 - at * 0.5,
      trees,
    });
  }
}
