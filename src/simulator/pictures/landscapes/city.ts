/** A skyline by the water or behind a park, at night with lit windows. */
import { mixColors } from '../colors/color.js';
import type { Composition } from '../composition.js';
import { paintLayer } from '../terrain/layer.js';
import { hills, mountains, skyline } from '../terrain/outline.js';
import { roofs, walls } from '../terrain/surfaces.js';

/** The share of lit windows. */
const LIT = { night: 0.95, dusk: 0.75, sunset: 0.4, dawn: 0.2, day: 0.04 };

const LAMPS = [255, 208, 128] as const;

const ROWS = 3;

export async function paintCity(painting: Composition): Promise<void> {
  const { scene, next, horizon, noise, seed } = painting;
  if (next() < 0.6) {
    const outline = mountains(noise, `range ${seed}`, { height: 0.2, scale: 1.6 });
    await painting.layer('range', { outline, base: horizon, floor: horizon + 0.02, near: 0.04, fade: 0.2, mist: 0.9 });
  }
  const shore = horizon + 0.012;
  for (let row = 0; row < ROWS; row++) await paintBuildings(painting, row, scene.water ? shore : 1);
  if (scene.water) return await painting.water(0.18 + next() * 0.2, 0.5, shore);
  await painting.layer('park', {
    outline: hills(noise, `park ${seed}`, { height: 0.1, scale: 2 }),
    base: 0.97,
    floor: 1,
    near: 0.98,
    fade: 0.3,
    mist: 0.2,
    trees: { size: 0.12, density: 2.6, kind: 'round', clearings: 0.1 },
  });
}

async function paintBuildings(
  { scene, horizon, canvas, palette, noise, seed, aspect }: Composition,
  row: number,
  floor: number,
) {
  const { width, height } = canvas;
  const at = row / (ROWS - 1);
  const lit = LIT[scene.hour];
  const glow = mixColors(LAMPS, palette.light, 0.2);
  const size = { height: 0.46 - at * 0.2, width: aspect, size: 0.05 + at * 0.03 };
  const buildings = skyline(noise, `row ${row} ${seed}`, size);
  const top = mixColors(palette.far, palette.near, 0.24 + at * 0.58);
  await paintLayer(canvas, {
    tops: roofs(buildings, width, height),
    base: (horizon + at * 0.012) * height,
    floor: floor * height,
    top,
    bottom: mixColors(top, mixColors(palette.haze, glow, lit * 0.35), 0.72 - at * 0.42),
    fade: 0.34 * height,
    surface: walls(buildings, width, height, lit * (0.35 + at * 0.5)),
    tint: glow,
  });
}
