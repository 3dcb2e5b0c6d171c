/** Colours: mixed and shifted in OKLab, where equal steps look equal. Channels are sRGB, 0 to 255. */

const { PI, cbrt, max, min } = Math;
export type Color = readonly [red: number, green: number, blue: number];

/** `#rrggbb`. */
export function hex(text: string): Color {
  const value = Number.parseInt(text.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function mixColors(a: Color, b: Color, weight: number): Color {
  const [l1, a1, b1] = toLab(a);
  const [l2, a2, b2] = toLab(b);
  const at = (from: number, to: number) => from + (to - from) * weight;
  return fromLab(at(l1, l2), at(a1, a2), at(b1, b2));
}

/** Rotates the hue by degrees and scales chroma and lightness. */
export function shift(color: Color, degrees: number, chroma = 1, light = 1): Color {
  const [l, a, b] = toLab(color);
  const [cos, sin] = [Math.cos((degrees * PI) / 180) * chroma, Math.sin((degrees * PI) / 180) * chroma];
  return fromLab(l * light, a * cos - b * sin, a * sin + b * cos);
}

/** A gradient along stops from 0 to 1: three numbers per colour. */
export function ramp(stops: readonly (readonly [at: number, color: Color])[], size: number): Float32Array {
  const colors = new Float32Array(size * 3);
  for (let index = 0; index < size; index++) {
    const at = index / (size - 1);
    const next = max(
      1,
      stops.findIndex(([stop]) => stop >= at),
    );
    const [from, to] = [stops[next - 1], stops[next]];
    if (!from || !to) continue;
    const weight = min(1, max(0, (at - from[0]) / (to[0] - from[0] || 1)));
    // Eased, so that no edge is visible at a stop.
    colors.set(mixColors(from[1], to[1], weight * weight * (3 - 2 * weight) * 0.5 + weight * 0.5), index * 3);
  }
  return colors;
}

function toLinear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function toSrgb(value: number): number {
  const clamped = min(1, max(0, value));
  return 255 * (clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055);
}

function toLab([red, green, blue]: Color): [number, number, number] {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)];
  const l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromLab(light: number, a: number, b: number): Color {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toSrgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toSrgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toSrgb(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
