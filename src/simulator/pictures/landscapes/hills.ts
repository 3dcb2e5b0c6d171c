/** Rolling hills with scattered trees, and flowers if the prompt mentions them. */

import { DIM } from '../colors/palette.js';
import type { Composition } from '../composition.js';
import { paintFlowers } from '../terrain/flowers.js';
import { hills, mountains } from '../terrain/outline.js';
import { grass } from '../terrain/surfaces.js';
import type { Trees } from '../terrain/trees.js';

const ROWS = 5;

export async function paintHills(painting: Composition): Promise<void> {
  const { scene, next, horizon, canvas, palette, noise, seed } = painting;
  const outline = mountains(noise, `range ${seed}`, { height: 0.2 + next() * 0.1, scale: 1.5 });
  await painting.layer('range', { outline, base: horizon, floor: 1, near: 0.06, fade: 0.2, mist: 0.9 });
  for (let index = 0; index < ROWS; index++) {
    const at = index / (ROWS - 1);
    const kind = scene.snow ? 'conifer' : 'round';
    const trees: Trees = { size: 0.035 + at * 0.09, density: 1.5, kind, clearings: 0.42 };
    await painting.layer(`hill ${index}`, {
      outline: hills(noise, `hill ${index} ${seed}`, { height: 0.15 + at * 0.08, scale: 1.9 - at * 0.95 }),
      base: horizon + 0.1 + at * 0.37,
      floor: 1,
      near: 0.22 + at * 0.6,
      fade: 0.3,
      mist: 0.6 - at * 0.42,
      surface: grass(noise, canvas.height, 0.06 + at * 0.16),
      ...(index < ROWS - 1 && { trees }),
    });
  }
  if (!scene.flowers || scene.snow) return;
  await paintFlowers(
    canvas,
    (horizon + 0.26) * canvas.height,
    { light: palette.light, dim: DIM[scene.hour] },
    noise,
    seed,
  );
}
