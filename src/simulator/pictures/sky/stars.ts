/** Stars, fewer at dusk, near the moon, behind clouds and toward the horizon. */
import type { Canvas } from '../canvas.js';
import { type Color, mixColors } from '../colors/color.js';
import type { Composition } from '../composition.js';
import { random } from '../random.js';
import type { Clouds } from './clouds.js';

const { ceil, exp, hypot, max, min, round, sqrt } = Math;

const COUNT = 420;

const COLD: Color = [190, 210, 255];
const WARM: Color = [255, 236, 210];

/** `end` is the lower end of the sky, as a fraction of the height. */
export function paintStars({ canvas, scene, light, aspect, seed }: Composition, end: number, clouds?: Clouds): void {
  const next = random(`stars ${seed}`);
  const amount = scene.hour === 'night' ? 1 : 0.3;
  for (let star = 0; star < COUNT * amount * sqrt(aspect); star++) {
    const u = next();
    const v = next() ** 1.25 * end;
    const bright = next() ** 4;
    const color = mixColors(COLD, WARM, next());
    const away = hypot((u - light.x) * aspect, v - light.y);
    const seen = (1 - (clouds?.density(u, v) ?? 0)) * min(1, away / 0.2) * (1 - (v / end) ** 3);
    paintStar(canvas, u, v, (70 + bright * 260) * amount * seen, 0.55 + bright * 0.9, color);
  }
}

function paintStar(canvas: Canvas, u: number, v: number, shine: number, size: number, color: Color): void {
  const { width, height, data } = canvas;
  // A star scales with the picture, but covers at least a pixel.
  const radius = max(0.55, height / 900) * size;
  const reach = ceil(radius * 2.2);
  const [left, top] = [round(u * width), round(v * height)];
  for (let y = max(0, top - reach); y <= min(height - 1, top + reach); y++) {
    for (let x = max(0, left - reach); x <= min(width - 1, left + reach); x++) {
      const glow = shine * exp(-((x - left) ** 2 + (y - top) ** 2) / (radius * radius));
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * width + x) * 3 + channel;
        data[at] = (data[at] as number) + (glow * (color[channel] as number)) / 255;
      }
    }
  }
}
