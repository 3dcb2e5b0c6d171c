/** Dunes before far rocks. */
import type { Composition } from '../composition.js';
import { dunes, mountains } from '../terrain/outline.js';
import { rock, sand } from '../terrain/surfaces.js';

const DUNES = 5;

export async function paintDesert(painting: Composition): Promise<void> {
  const { next, horizon, canvas, noise, seed, side } = painting;
  const { height } = canvas;
  await painting.layer('mesa', {
    outline: mountains(noise, `mesa ${seed}`, { height: 0.12 + next() * 0.12, scale: 1.6, rough: 0.42 }),
    base: horizon + 0.03,
    floor: 1,
    near: 0.1,
    fade: 0.14,
    mist: 0.85,
    surface: rock(painting.relief(), { height, light: side, contrast: 0.22, snowline: 0, offset: 0 }),
  });
  for (let index = 0; index < DUNES; index++) {
    const at = index / (DUNES - 1);
    await painting.layer(`dune ${index}`, {
      outline: dunes(noise, `dune ${index} ${seed}`, { height: 0.11 + at * 0.17, scale: 1.7 - at * 0.9 }),
      base: horizon + 0.09 + at * 0.43,
      floor: 1,
      near: 0.16 + at * 0.7,
      fade: 0.22 + at * 0.14,
      mist: 0.6 - at * 0.4,
      surface: sand(noise, height, side),
    });
  }
}
