/** What all landscapes share: the position of horizon and light, and how layers and water are painted. */
import type { Canvas } from './canvas.js';
import { type Color, mixColors } from './colors/color.js';
import type { Palette } from './colors/palette.js';
import { Noise } from './noise.js';
import type { Land, Scene } from './scene.js';
import type { Light } from './sky/sky.js';
import { paintLayer, type Surface } from './terrain/layer.js';
import { columns, framed, type Height, hills } from './terrain/outline.js';
import { Relief } from './terrain/relief.js';
import { paintTrees, type Trees } from './terrain/trees.js';
import { paintWater } from './terrain/water.js';

const { min } = Math;

const HORIZON: Record<Land, number> = {
  mountains: 0.6,
  ocean: 0.54,
  forest: 0.66,
  desert: 0.56,
  city: 0.68,
  hills: 0.55,
};

/** Land nearer than this has a colour of its own. */
const DISTANT = 0.11;

/** Positions and sizes are fractions of the picture's height. */
type LayerPlan = {
  outline: Height;
  /** `base` is where heights count from; the layer is painted down to `floor`. */
  base: number;
  floor: number;
  /** 0 is far, 1 near. */
  near: number;
  /** The layer fades into the haze over `fade` below its outline; `mist` is how much. */
  fade: number;
  mist: number;
  trees?: Trees;
  surface?: Surface;
  tint?: Color;
};

export class Composition {
  readonly horizon: number;
  readonly light: Light;
  /** -1 when the light comes from the left, else 1. */
  readonly side: number;
  readonly aspect: number;
  /** One noise for all painters; each samples its own offset. */
  readonly noise: Noise;

  constructor(
    readonly canvas: Canvas,
    readonly scene: Scene,
    readonly palette: Palette,
    /** Returns the next random number from 0 to 1. */
    readonly next: () => number,
    readonly seed: string,
  ) {
    this.horizon = HORIZON[scene.land] + (next() - 0.5) * 0.07;
    this.light = lightOf(scene, this.horizon, next);
    this.side = this.light.x < 0.5 ? -1 : 1;
    this.aspect = canvas.width / canvas.height;
    this.noise = new Noise(seed);
  }

  relief(): Relief {
    return new Relief(this.noise, this.aspect, this.side, this.canvas.height);
  }

  async layer(name: string, plan: LayerPlan): Promise<void> {
    const { canvas, palette, scene } = this;
    const { width, height } = canvas;
    const tops = columns(plan.outline, width, height);
    const far = plan.near < DISTANT ? palette.distant : palette.far;
    const top = mixColors(far, palette.near, plan.near ** 1.1);
    const bottom = mixColors(top, palette.haze, min(0.95, plan.mist * (0.45 + scene.mist * 0.75)));
    const ground = { tops, base: plan.base * height, top, bottom, fade: plan.fade * height };
    await paintLayer(canvas, {
      ...ground,
      floor: plan.floor * height,
      ahead: (plan.trees?.size ?? 0) * 0.55 * height,
      ...(plan.surface && { surface: plan.surface }),
      ...(plan.tint && { tint: plan.tint }),
    });
    if (plan.trees)
      await paintTrees(canvas, this.noise, plan.trees, { ...ground, light: this.side }, `${name} ${this.seed}`);
  }

  /** `waves` is from 0, a mirror, to 1, the open sea. */
  async water(waves: number, glitter: number, from = this.horizon): Promise<void> {
    const { canvas, palette, light, noise } = this;
    const water = { from: from * canvas.height, tint: palette.water, light, lightColor: palette.light, waves, glitter };
    await paintWater(canvas, water, noise);
  }

  /** A dark bank in the foreground, with trees at its sides. */
  async bank(depth: number, treeSize: number): Promise<void> {
    const inner = hills(this.noise, `bank ${this.seed}`, { height: 0.05, scale: 2.4 });
    const outline = framed(inner, this.aspect, depth, this.next());
    const trees: Trees = { size: treeSize, density: 2.6, kind: 'conifer', clearings: 0.3 };
    const plan = { outline, base: 1.015, floor: 1, near: 1, fade: 0.45, mist: 0.08 };
    await this.layer('bank', { ...plan, ...(treeSize > 0 && { trees }) });
  }
}

/** Places the light near a third of the width, low in the morning and the evening. */
function lightOf({ hour }: Scene, horizon: number, next: () => number): Light {
  const side = next() < 0.5 ? 0.26 : 0.68;
  const x = side + (next() - 0.5) * 0.14;
  const height = { dawn: 0.2, day: 0.72, sunset: 0.14, dusk: 0.1, night: 0.66 }[hour] + (next() - 0.5) * 0.1;
  const radius = { dawn: 0.036, day: 0.03, sunset: 0.052, dusk: 0.036, night: 0.03 }[hour];
  return { x, y: horizon * (1 - height), radius };
}
