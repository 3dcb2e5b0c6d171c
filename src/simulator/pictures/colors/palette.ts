/** The colours of an hour: sky, light, haze and land. */

import type { Hour, Scene } from '../scene.js';
import { type Color, hex, mixColors, shift } from './color.js';
import { AUTUMN, DAYLIGHT, GROUND, SWATCHES, WINTER } from './swatches.js';

const { floor } = Math;

export type Palette = {
  /** From the top of the sky to the horizon. */
  sky: [Color, Color, Color, Color];
  light: Color;
  /** Radius of the light's glow, as a fraction of the picture's height. */
  glow: number;
  cloudLit: Color;
  cloudDark: Color;
  haze: Color;
  /** Colours of land by distance: `distant` has only the air's colour; `far` and `near` are the farthest and nearest land before it. */
  distant: Color;
  far: Color;
  near: Color;
  water: Color;
};

/** How much the hour darkens land with a colour of its own. */
export const DIM: Record<Hour, number> = { day: 0, dawn: 0.12, sunset: 0.25, dusk: 0.5, night: 0.68 };

export function paletteOf({ hour, hue, chroma, land, autumn, snow }: Scene, next: () => number): Palette {
  const choices = SWATCHES[hour];
  const swatches = choices[floor(next() * choices.length)] ?? choices[0];
  const tune = (text: string) => shift(hex(text), hue, chroma);
  const [top, upper, lower, horizon] = swatches.sky.map(tune) as Palette['sky'];
  let [far, near] = [tune(swatches.far), tune(swatches.near)];
  const ground = land === 'hills' && snow ? WINTER : land === 'hills' && autumn ? AUTUMN : GROUND[land];
  if (ground) {
    const { light, own } = DAYLIGHT[hour];
    far = mixColors(far, shift(hex(ground.far), hue * 0.3, chroma, light), own);
    near = mixColors(near, shift(hex(ground.near), hue * 0.3, chroma, light), own);
  } else if (autumn) near = mixColors(near, hex('#6a2f16'), 0.42);
  return {
    sky: [top, upper, lower, horizon],
    light: hex(swatches.light),
    glow: swatches.glow,
    cloudLit: tune(swatches.clouds[0]),
    cloudDark: tune(swatches.clouds[1]),
    haze: tune(swatches.haze),
    distant: tune(swatches.far),
    far,
    near,
    water: tune(swatches.water),
  };
}
