/** Outlines of land: the height for each position from left to right. */
import type { Noise } from '../noise.js';
import { random } from '../random.js';

const { abs, exp, floor, max, min } = Math;

/** Subsamples per column, which smooth steep edges. */
export const SAMPLES = 3;

/** Returns heights above `base`. Heights and `u` are in picture heights. */
export type Height = (u: number) => number;

/** One peak stands out, at `peak` in picture heights. */
export function mountains(
  noise: Noise,
  seed: string,
  { height, scale, rough = 0.5, peak }: { height: number; scale: number; rough?: number; peak?: number },
): Height {
  const at = random(seed)() * 90;
  return (u) => {
    const shape = noise.ridges(u * scale + at, at, 7, rough) ** 1.25;
    const massif = noise.at(u * scale * 0.55 + at, at + 50);
    const tip = peak === undefined ? 0 : max(0, 1 - abs(u - peak) / 0.3);
    // Scales the existing outline, so that the peak is as rough as the rest.
    return height * (0.14 + shape * (0.5 + 0.55 * massif) + tip ** 1.5 * (0.42 + shape * 0.3));
  };
}

export function hills(noise: Noise, seed: string, { height, scale }: { height: number; scale: number }): Height {
  const at = random(seed)() * 90;
  return (u) => height * noise.octaves(u * scale + at, at, 4, 0.42);
}

/** Long, soft and crested, steeper on one side. */
export function dunes(noise: Noise, seed: string, { height, scale }: { height: number; scale: number }): Height {
  const next = random(seed);
  const [at, lean] = [next() * 90, next() < 0.5 ? -1 : 1];
  return (u) => {
    const bend = noise.at(u * scale * 0.7 + at, at) - 0.5;
    const crest = 1 - abs(2 * noise.at(u * scale + at + bend * lean * 0.8, at + 20) - 1);
    return height * (0.25 + 0.75 * crest ** 1.25);
  };
}

/** High at the sides and low in the middle: frames the view. */
export function framed(inner: Height, width: number, depth: number, side: number): Height {
  return (u) => {
    const across = min(1, max(0, u / width));
    const left = side < 0.66 ? max(0, 1 - across / 0.42) : 0;
    const right = side > 0.33 ? max(0, 1 - (1 - across) / 0.42) : 0;
    return inner(u) + depth * (left ** 1.6 + right ** 1.6);
  };
}

/** Samples the outline: heights in pixels, SAMPLES per column. */
export function columns(outline: Height, width: number, height: number): Float32Array {
  return Float32Array.from({ length: width * SAMPLES }, (_, at) => outline((at + 0.5) / SAMPLES / height) * height);
}

export type Building = { from: number; to: number; top: number; spire: number; windows: number; seed: number };

/** Buildings side by side, higher toward the middle. Sizes are fractions of the picture's height. */
export function skyline(
  noise: Noise,
  seed: string,
  { height, width, size }: { height: number; width: number; size: number },
): Building[] {
  const next = random(`skyline ${seed}`);
  const middle = width * (0.3 + next() * 0.4);
  const buildings: Building[] = [];
  for (let u = -size; u < width + size; ) {
    const wide = size * (0.45 + next() * 0.9);
    const center = exp(-(((u + wide / 2 - middle) / (width * 0.3)) ** 2));
    const top = height * (0.22 + 0.3 * noise.at(u / (size * 4), 3) + next() * 0.22 + center * (0.28 + next() * 0.3));
    const spire = next() < 0.2 ? 0.02 + next() * 0.06 : 0;
    buildings.push({ from: u, to: u + wide, top, spire, windows: 0.25 + next() * 0.5, seed: floor(next() * 1e6) });
    u += wide * (next() < 0.25 ? 1.18 : 0.94);
  }
  return buildings;
}
