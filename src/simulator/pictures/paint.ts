/**
 * Paints a landscape for a prompt. The same request gives the same pixels, and every size the same composition. It is no model:
 * it knows about a hundred words.
 */
import type { Bitmap } from './bitmap.js';
import { Canvas } from './canvas.js';
import { paletteOf } from './colors/palette.js';
import { Composition } from './composition.js';
import { paintCity } from './landscapes/city.js';
import { paintDesert } from './landscapes/desert.js';
import { paintForest } from './landscapes/forest.js';
import { paintHills } from './landscapes/hills.js';
import { paintMountains } from './landscapes/mountains.js';
import { paintOcean } from './landscapes/ocean.js';
import { random } from './random.js';
import { type Land, readScene } from './scene.js';
import { paintSky } from './sky/sky.js';

type PaintRequest = {
  positive: string;
  negative: string;
  model: string;
  seed: string;
  width: number;
  height: number;
  signal?: AbortSignal;
};

const lands: Record<Land, (painting: Composition) => Promise<void>> = {
  mountains: paintMountains,
  ocean: paintOcean,
  forest: paintForest,
  desert: paintDesert,
  city: paintCity,
  hills: paintHills,
};

/** Yields to the event loop while it paints. Throws when the signal aborts. */
export async function paint({ positive, negative, model, seed, width, height, signal }: PaintRequest): Promise<Bitmap> {
  const key = JSON.stringify([positive, negative, model, seed]);
  const next = random(key);
  const scene = readScene(positive, negative, next);
  const palette = paletteOf(scene, next);
  const canvas = new Canvas(width, height, signal);
  const painting = new Composition(canvas, scene, palette, next, key);
  await paintSky(painting);
  await lands[scene.land](painting);
  return await canvas.finish(key);
}
