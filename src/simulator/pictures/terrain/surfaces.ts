/** Textures of land: rock, sand, grass, walls. */

import type { Noise } from '../noise.js';
import type { Surface } from './layer.js';
import { type Building, SAMPLES } from './outline.js';
import type { Relief } from './relief.js';

const { abs, exp, imul, max, min, round, sin, tanh } = Math;

/** Rock, with snow above `snowline` pixels. */
export function rock(
  relief: Relief,
  {
    height,
    light,
    contrast,
    snowline,
    offset,
  }: { height: number; light: number; contrast: number; snowline: number; offset: number },
): Surface {
  return (place) => {
    const cleft = relief.at(place.x, place.y, offset);
    const side = max(-1, min(1, place.slope * light * 0.9)) * exp(-place.depth / (height * 0.16));
    const lit = max(-1.2, min(1.2, cleft * 0.85 + side * 0.5));
    place.shade = lit * contrast;
    if (snowline <= 0) return;
    const over = place.rise - snowline + cleft * height * 0.05 - abs(place.slope) * height * 0.012;
    const amount = max(0, min(1, over / (height * 0.028)));
    place.tint = amount * (0.86 + 0.14 * max(0, lit));
    place.shade = lit * contrast * (1 - amount * 0.35);
  };
}

/** Sand: crests lit from one side, with ripples. */
export function sand(noise: Noise, height: number, light: number): Surface {
  return (place) => {
    const { x, y, depth, slope } = place;
    const wander = noise.octaves((x * 4) / height, (y * 9) / height, 2);
    const ripple = sin((y * 260) / height + wander * 26) * 0.022;
    const side = tanh(slope * light * 2.6) * exp(-depth / (height * (0.07 + wander * 0.05)));
    place.shade = side * 0.3 + ripple * min(1, (depth * 20) / height) + (wander - 0.5) * 0.12;
  };
}

/** Grass: `strength` is how rough it looks. */
export function grass(noise: Noise, height: number, strength: number): Surface {
  return (place) => {
    const { x, y, depth } = place;
    const blades = noise.at((x * 130) / height, (y * 60) / height) - 0.5;
    const slopes = noise.octaves((x * 4) / height, (y * 10) / height, 2) - 0.5;
    const crest = exp(-depth / (height * 0.03)) * 0.12;
    place.shade = blades * strength * min(1, (depth * 30) / height) + slopes * 0.4 + crest;
  };
}

/** The outline of buildings. */
export function roofs(buildings: Building[], width: number, height: number): Float32Array {
  const tops = new Float32Array(width * SAMPLES);
  for (const { from, to, top, spire } of buildings) {
    const [start, end] = [round(from * height * SAMPLES), round(to * height * SAMPLES)];
    const middle = (start + end) / 2;
    for (let at = max(0, start); at < min(tops.length, end); at++) {
      const isSpire = abs(at - middle) < max(1, (height / 420) * SAMPLES);
      tops[at] = max(tops[at] as number, (top + (isSpire ? spire : 0)) * height);
    }
  }
  return tops;
}

/** Walls with windows; `lit` is the share of lit windows, which have the tint's colour. */
export function walls(buildings: Building[], width: number, height: number, lit: number): Surface {
  const cell = max(3, height / 120);
  const owners = Array.from({ length: width }, (_, x) => {
    const u = (x + 0.5) / height;
    return buildings.filter(({ from, to }) => u >= from && u < to).sort((a, b) => b.top - a.top)[0];
  });
  return (place) => {
    const building = owners[place.x];
    if (!building) return;
    const across = (place.x - building.from * height) / cell;
    const down = (building.top * height - place.rise - cell) / (cell * 1.5);
    const [column, row] = [Math.floor(across), Math.floor(down)];
    const isEdge = place.x + 1 >= building.to * height - cell * 0.6 || across < 0.7;
    place.shade = (building.seed % 7) * 0.012 - 0.04;
    if (row < 0 || isEdge || across - column < 0.3 || down - row < 0.3 || down - row > 0.78) return;
    const chance = scatter(column * 7919 + row * 104729 + building.seed);
    // Whole floors are lit more often than single windows.
    const floor = scatter(row * 31 + building.seed) * 0.5;
    if (chance < building.windows * lit * (0.45 + floor))
      place.tint = 0.35 + scatter(building.seed + column * 31 + row) * 0.6;
    else place.shade -= 0.06;
  };
}

function scatter(value: number): number {
  let mixed = imul(value ^ (value >>> 15), 0x2c1b3c6d);
  mixed = imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}
