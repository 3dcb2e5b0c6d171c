/** Draws individual trees: conifers and round trees. */
import type { Canvas } from '../canvas.js';
import { type Color, mixColors } from '../colors/color.js';
import type { Noise } from '../noise.js';
import { random } from '../random.js';
import { fadeColors } from './layer.js';
import { SAMPLES } from './outline.js';

const { abs, ceil, cos, floor, max, min, sin, sqrt } = Math;

export type Trees = {
  /** Height of a tall tree, as a fraction of the picture's height. */
  size: number;
  /** Trees per tree size: how close they stand. */
  density: number;
  kind: 'conifer' | 'round';
  /** 0: trees everywhere; 1: hardly any. */
  clearings?: number;
  /** Each tree is tinted with one of these. */
  tints?: Color[];
};

type Stand = {
  /** As in a layer: heights above `base`, SAMPLES per column. */
  tops: Float32Array;
  base: number;
  top: Color;
  bottom: Color;
  fade: number;
  /** -1 from the left, 1 from the right. */
  light: number;
};

type Brush = { canvas: Canvas; colors: Float32Array; fade: number; light: number };

export async function paintTrees(
  canvas: Canvas,
  noise: Noise,
  { size, density, kind, clearings = 0.3, tints = [] }: Trees,
  stand: Stand,
  seed: string,
): Promise<void> {
  const { width, height } = canvas;
  const next = random(`trees ${seed}`);
  const brush = { canvas, colors: fadeColors(stand.top, stand.bottom), fade: stand.fade, light: stand.light };
  for (let u = -size; u < width / height + size; u += (size / density) * (0.25 + next() * 0.75)) {
    const grove = noise.octaves(u / (size * 7), 3, 2);
    const tall = size * (0.4 + next() * 0.6) * (0.5 + grove * 0.9) * height;
    const [slim, shape] = [next(), next()];
    if (grove < clearings + 0.14 * (next() - 0.5)) continue;
    const x = u * height;
    const column = min(width - 1, max(0, Math.round(x))) * SAMPLES + 1;
    const foot = stand.base - (stand.tops[column] as number) + tall * 0.03;
    const tint = tints[floor(next() * tints.length)];
    if (tint) {
      const share = 0.25 + next() * 0.35;
      brush.colors = fadeColors(mixColors(stand.top, tint, share), mixColors(stand.bottom, tint, share * 0.5));
    }
    if (kind === 'conifer') paintConifer(brush, x, foot, tall, 0.15 + slim * 0.08, shape);
    else paintRoundTree(brush, x, foot, tall * 0.8, 0.34 + slim * 0.16, shape);
    await canvas.yieldIfDue();
  }
}

/** Draws row by row: each bough is wider than the one above it. */
function paintConifer(brush: Brush, x: number, foot: number, tall: number, slim: number, shape: number): void {
  const tip = foot - tall;
  const boughs = max(3, min(15, Math.round(tall / 6)));
  for (let y = max(0, floor(tip)); y < min(brush.canvas.height, foot); y++) {
    const t = min(1, max(0, (y + 0.5 - tip) / tall));
    // Boughs are closer near the tip.
    const place = t ** 0.8 * boughs + shape;
    const hang = place - floor(place);
    const other = (place + 0.45) % 1;
    const trunk = tall * 0.016;
    const spread = t > 0.94 ? trunk : tall * slim * (0.03 + t * (0.95 - t * 0.12));
    const ragged = 0.86 + 0.28 * abs(sin(place * 12.9 + shape * 40));
    const left = max(trunk * t, spread * (0.5 + 0.5 * hang) * ragged);
    const right = max(trunk * t, spread * (0.5 + 0.5 * other) * (2 - ragged));
    paintRow(brush, y, x - left, x + right, y - tip, (1 - hang) * 0.1);
  }
}

/** Clumps of leaves on a trunk: a larger tree has more and smaller clumps. */
function paintRoundTree(brush: Brush, x: number, foot: number, tall: number, wide: number, shape: number): void {
  const crown = tall * wide;
  const middle = foot - tall * 0.58;
  paintTrunk(brush, x, foot, tall);
  const heaps = tall < 9 ? 1 : min(110, 6 + Math.round(tall / 2.2));
  const size = heaps === 1 ? 0.85 : max(0.16, 0.62 - heaps * 0.012);
  const next = random(`${shape}`);
  for (let heap = 0; heap < heaps; heap++) {
    // Spread evenly over a disc, from the middle outwards: outer clumps cover inner ones.
    const far = heap === 0 ? 0 : crown * (1.02 - size) * sqrt(heap / heaps) * (0.8 + 0.4 * next());
    const angle = heap * 2.4 + shape * 6.3;
    const radius = crown * size * (0.75 + 0.5 * next());
    const [cx, cy] = [x + cos(angle) * far * 1.08, middle + sin(angle) * far * 0.9];
    const lit = (cos(angle) * brush.light * 0.5 - sin(angle) * 0.8) * (far / crown) * 0.22 + (next() - 0.5) * 0.12;
    for (let y = max(0, floor(cy - radius)); y < min(brush.canvas.height, cy + radius); y++) {
      const across = sqrt(max(0, radius * radius - (y + 0.5 - cy) ** 2));
      paintRow(brush, y, cx - across, cx + across, max(0, y - middle + crown), 0.03 - lit - ((cy - y) / radius) * 0.07);
    }
  }
}

function paintTrunk(brush: Brush, x: number, foot: number, tall: number): void {
  const half = max(0.4, tall * 0.022);
  for (let y = max(0, floor(foot - tall * 0.4)); y < min(brush.canvas.height, foot); y++) {
    paintRow(brush, y, x - half, x + half, tall, 0.2);
  }
}

/** Draws one row of a tree with soft ends, lighter on the light's side. */
function paintRow(
  { canvas, colors, fade, light }: Brush,
  y: number,
  from: number,
  to: number,
  depth: number,
  shade: number,
): void {
  const { width, data } = canvas;
  const index = min(255, max(0, floor((depth / fade) * 255))) * 3;
  const half = (to - from) / 2 || 1;
  const middle = (from + to) / 2;
  for (let x = max(0, floor(from)); x < min(width, ceil(to)); x++) {
    const cover = min(1, x + 1 - from, to - x, to - from);
    if (cover <= 0) continue;
    const side = ((x + 0.5 - middle) / half) * light * 0.12;
    const at = (y * width + x) * 3;
    for (let channel = 0; channel < 3; channel++) {
      const under = data[at + channel] as number;
      data[at + channel] = under + ((colors[index + channel] as number) * (1 - shade + side) - under) * cover;
    }
  }
}
