/** Paints a layer of land that fades into the haze. A surface adds its texture. */
import type { Canvas } from '../canvas.js';
import { type Color, mixColors } from '../colors/color.js';
import { SAMPLES } from './outline.js';

const { ceil, max, min, round } = Math;

type Layer = {
  /** Heights in pixels above `base`, SAMPLES per column. */
  tops: Float32Array;
  /** `base` is the row where heights count from; `floor` is the last row. */
  base: number;
  floor: number;
  /** Colours at the outline and `fade` pixels below it. */
  top: Color;
  bottom: Color;
  fade: number;
  /** Progress of the fade at the outline, in pixels: the trees above it already started it. */
  ahead?: number;
  surface?: Surface;
  /** The surface's tint. */
  tint?: Color;
};

/** One pixel of a layer: its distance below the outline and above the base; the surface sets `shade` and `tint`. */
type Place = { x: number; y: number; depth: number; rise: number; slope: number; shade: number; tint: number };

/** Sets a pixel's `shade`, lighter or darker, and its share of the tint. */
export type Surface = (place: Place) => void;

/** `slope` is the outline's slope, smoothed over nearby columns. */
const SLOPE_REACH = 1 / 42;

export async function paintLayer(canvas: Canvas, layer: Layer): Promise<void> {
  const { tops, base, floor, top, bottom, fade, ahead = 0, surface, tint = top } = layer;
  const { width, height, data } = canvas;
  const end = min(height, ceil(floor));
  const place: Place = { x: 0, y: 0, depth: 0, rise: 0, slope: 0, shade: 0, tint: 0 };
  const colors = fadeColors(top, bottom);
  const reach = max(2, round(height * SLOPE_REACH)) * SAMPLES;
  const [tintRed, tintGreen, tintBlue] = tint;
  for (let x = 0; x < width; x++) {
    const a = base - (tops[x * SAMPLES] as number);
    const b = base - (tops[x * SAMPLES + 1] as number);
    const c = base - (tops[x * SAMPLES + 2] as number);
    const outline = (a + b + c) / 3;
    const before = tops[max(0, x * SAMPLES - reach)] as number;
    const after = tops[min(tops.length - 1, x * SAMPLES + reach)] as number;
    place.slope = ((after - before) * SAMPLES) / (2 * reach);
    place.x = x;
    for (let y = max(0, Math.floor(min(a, b, c))); y < end; y++) {
      const cover = y > outline + 2 ? 1 : (covered(y, a) + covered(y, b) + covered(y, c)) / 3;
      if (cover <= 0) continue;
      const depth = max(0, y - outline);
      const index = min(255, Math.floor(((depth + ahead) / fade) * 255)) * 3;
      let red = colors[index] as number;
      let green = colors[index + 1] as number;
      let blue = colors[index + 2] as number;
      if (surface) {
        place.y = y;
        place.depth = depth;
        place.rise = base - y;
        place.shade = 0;
        place.tint = 0;
        surface(place);
        const light = 1 + place.shade;
        red = (red + (tintRed - red) * place.tint) * light;
        green = (green + (tintGreen - green) * place.tint) * light;
        blue = (blue + (tintBlue - blue) * place.tint) * light;
      }
      const at = (y * width + x) * 3;
      data[at] = (data[at] as number) + (red - (data[at] as number)) * cover;
      data[at + 1] = (data[at + 1] as number) + (green - (data[at + 1] as number)) * cover;
      data[at + 2] = (data[at + 2] as number) + (blue - (data[at + 2] as number)) * cover;
    }
    if ((x & 7) === 0) await canvas.yieldIfDue();
  }
}

function covered(y: number, top: number): number {
  return min(1, max(0, y + 1 - top));
}

/** A gradient of 256 colours. */
export function fadeColors(top: Color, bottom: Color): Float32Array {
  const colors = new Float32Array(256 * 3);
  for (let index = 0; index < 256; index++) colors.set(mixColors(top, bottom, (index / 255) ** 0.85), index * 3);
  return colors;
}
