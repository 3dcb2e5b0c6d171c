/** Flowers in the grass: dots of colour, larger in the foreground. */
import type { Canvas } from '../canvas.js';
import { type Color, hex, mixColors } from '../colors/color.js';
import type { Noise } from '../noise.js';
import { random } from '../random.js';

const { atan2, cos, floor, hypot, max, min, round } = Math;

const BLOSSOMS = ['#f2c14e', '#e4572e', '#f7f3e3', '#c05299', '#8e6fd1', '#f28fb0', '#e63946'];

/** `from` is the first row. `light` tints the colours. */
export async function paintFlowers(
  canvas: Canvas,
  from: number,
  { light, dim }: { light: Color; dim: number },
  noise: Noise,
  seed: string,
): Promise<void> {
  const { width, height, data } = canvas;
  const next = random(`flowers ${seed}`);
  const kinds = Array.from({ length: 3 }, () => hex(BLOSSOMS[floor(next() * BLOSSOMS.length)] ?? '#ffffff'));
  const count = round((900 * width) / height);
  const places = Array.from({ length: count }, () => [next(), next(), next(), next()] as const).sort(
    (a, b) => a[1] - b[1],
  );
  for (const [u, v, pick, size] of places) {
    const y = from + v ** 0.8 * (height - from);
    const near = (y - from) / (height - from);
    const patch = noise.octaves((u * 7 * width) / height, near * 6, 2);
    if (patch < 0.42) continue;
    const kind = kinds[floor((pick * 0.55 + patch * 0.9) * kinds.length) % kinds.length] ?? light;
    const color = mixColors(mixColors(kind, light, 0.12), [10, 12, 24], dim);
    const radius = (0.0012 + near * near * 0.0075) * (0.6 + size * 0.8) * height;
    const cx = u * width;
    for (let row = max(0, floor(y - radius)); row <= min(height - 1, y + radius); row++) {
      for (let column = max(0, floor(cx - radius)); column <= min(width - 1, cx + radius); column++) {
        const [dx, dy] = [(column + 0.5 - cx) / radius, ((row + 0.5 - y) / radius) * 1.25];
        const distance = hypot(dx, dy);
        const petals = 0.78 + 0.22 * cos(atan2(dy, dx) * 5 + pick * 6);
        const cover = min(1, max(0, (petals - distance) * max(1.5, radius)));
        const light01 = 0.8 + 0.35 * max(0, 1 - distance) - dy * 0.12;
        const at = (row * width + column) * 3;
        for (let channel = 0; channel < 3; channel++) {
          const under = data[at + channel] as number;
          data[at + channel] = under + ((color[channel] as number) * light01 - under) * cover;
        }
      }
    }
  }
  await canvas.yieldIfDue();
}
