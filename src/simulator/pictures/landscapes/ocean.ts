/** The open sea, sometimes with an island or a beach. */
import type { Composition } from '../composition.js';
import { type Height, mountains } from '../terrain/outline.js';
import { rock } from '../terrain/surfaces.js';

const { max } = Math;

export async function paintOcean(painting: Composition): Promise<void> {
  const { next } = painting;
  const hasIsland = next() < 0.7;
  if (hasIsland) await paintIsland(painting);
  await painting.water(0.5 + next() * 0.4, 0.95);
  if (!hasIsland || next() < 0.4) await painting.bank(0.06, 0);
}

/** On the side opposite to the light. */
async function paintIsland(painting: Composition): Promise<void> {
  const { side, aspect, horizon, canvas, noise, seed } = painting;
  const at = (side < 0 ? 0.76 : 0.2) * aspect;
  const relief = painting.relief();
  for (const [index, near] of [0.22, 0.55].entries()) {
    const shape = mountains(noise, `island ${index} ${seed}`, { height: 0.2 - index * 0.07, scale: 2.4 + index });
    const reach = 0.36 - index * 0.1;
    const outline: Height = (u) => max(0, shape(u) * max(0, 1 - ((u - at - index * 0.13) / reach) ** 2) ** 0.8 - 0.012);
    await painting.layer(`island ${index}`, {
      outline,
      base: horizon + 0.002,
      floor: horizon + 0.002,
      near,
      fade: 0.14,
      mist: 0.8,
      surface: rock(relief, { height: canvas.height, light: side, contrast: 0.3, snowline: 0, offset: index / 3 }),
    });
  }
}
