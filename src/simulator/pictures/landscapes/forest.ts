/** Rows of trees in the mist, with shafts of light. */
import { type Color, mixColors } from '../colors/color.js';
import { DIM } from '../colors/palette.js';
import type { Composition } from '../composition.js';
import { paintRays } from '../sky/rays.js';
import { hills } from '../terrain/outline.js';
import type { Trees } from '../terrain/trees.js';

const LEAVES: Color[] = [
  [214, 92, 28],
  [232, 154, 40],
  [168, 44, 30],
  [206, 178, 62],
];

const ROWS = 6;

export async function paintForest(painting: Composition): Promise<void> {
  const { scene, horizon, palette, canvas, light, noise, seed } = painting;
  for (let index = 0; index < ROWS; index++) {
    const at = index / (ROWS - 1);
    await painting.layer(`wood ${index}`, {
      outline: hills(noise, `wood ${index} ${seed}`, { height: 0.22 - at * 0.1, scale: 1.1 + at * 0.5 }),
      base: horizon - 0.06 + at * 0.42,
      floor: 1,
      near: 0.1 + at ** 1.2 * 0.9,
      fade: 0.16 + at * 0.34,
      mist: 0.98 - at * 0.86,
      trees: treesOf(painting, at),
    });
    if (index === ROWS - 3 && scene.hour !== 'night') {
      await paintRays(canvas, light, mixColors(palette.light, palette.haze, 0.3), 0.4 + scene.mist * 0.5, noise);
    }
  }
}

function treesOf({ scene, palette }: Composition, at: number): Trees {
  const clearings = 0.2 + at * 0.16;
  if (!scene.autumn || scene.snow) {
    return { size: 0.09 + at ** 1.5 * 0.62, density: 4 - at * 1.6, kind: 'conifer', clearings };
  }
  const tints = LEAVES.map((leaf) => mixColors(leaf, palette.near, DIM[scene.hour]));
  return { size: 0.13 + at ** 1.5 * 0.42, density: 4 - at * 0.8, kind: 'round', clearings, tints };
}
