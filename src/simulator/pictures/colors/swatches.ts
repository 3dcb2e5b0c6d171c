/** Base colours of the sky at each hour and of land, before a prompt shifts them. */
import type { Hour, Land } from '../scene.js';

/** `sky` is from the top to the horizon; the other fields are those of Palette. */
type Swatches = {
  sky: string[];
  light: string;
  glow: number;
  clouds: [string, string];
  haze: string;
  far: string;
  near: string;
  water: string;
};

/** Variants for each hour; the seed selects one. */
export const SWATCHES: Record<Hour, [Swatches, ...Swatches[]]> = {
  dawn: [
    {
      sky: ['#5d76b8', '#a99bc8', '#f0b9b4', '#ffe2b8'],
      light: '#fff3d6',
      glow: 0.5,
      clouds: ['#ffd9c4', '#a893b8'],
      haze: '#f6d3c6',
      far: '#a79bc0',
      near: '#2c2f4e',
      water: '#7c86b0',
    },
    {
      sky: ['#3f7fa6', '#8fb9c4', '#f3d9b8', '#ffc79a'],
      light: '#fff1cf',
      glow: 0.55,
      clouds: ['#ffe8cf', '#9fb0bd'],
      haze: '#f3dcc4',
      far: '#8fa9b4',
      near: '#1f3a45',
      water: '#6f9aa8',
    },
  ],
  day: [
    {
      sky: ['#1f66b8', '#4f9ddb', '#9fd0ee', '#e4f3f6'],
      light: '#fffdf0',
      glow: 0.32,
      clouds: ['#ffffff', '#a9bccd'],
      haze: '#d3e6ef',
      far: '#86aac8',
      near: '#1f4a34',
      water: '#3d86b0',
    },
    {
      sky: ['#2a7f9e', '#5fb3bf', '#a9dcd6', '#f2f4dc'],
      light: '#fffbe3',
      glow: 0.36,
      clouds: ['#fffdf4', '#a5c0c4'],
      haze: '#dcebe2',
      far: '#84b0b4',
      near: '#23503c',
      water: '#3d93a0',
    },
  ],
  sunset: [
    {
      sky: ['#2b2a63', '#8d3f7d', '#ee6a4f', '#ffd280'],
      light: '#fff0c2',
      glow: 0.62,
      clouds: ['#ffab7a', '#6f3b72'],
      haze: '#f79b72',
      far: '#9a5480',
      near: '#1b1230',
      water: '#8a4a72',
    },
    {
      sky: ['#23385f', '#5d5f8e', '#e0876a', '#ffdf9e'],
      light: '#fff3cf',
      glow: 0.66,
      clouds: ['#ffc18f', '#5b5878'],
      haze: '#f2b184',
      far: '#7f6f8c',
      near: '#15182b',
      water: '#7c6a82',
    },
    {
      sky: ['#4a1f4f', '#a8355f', '#f7844a', '#ffe08a'],
      light: '#fff4c9',
      glow: 0.7,
      clouds: ['#ffb36b', '#7d2f55'],
      haze: '#fba868',
      far: '#a5546a',
      near: '#210d22',
      water: '#96506a',
    },
  ],
  dusk: [
    {
      sky: ['#131a44', '#3a3f83', '#94609c', '#f2a58c'],
      light: '#ffe3c4',
      glow: 0.45,
      clouds: ['#d98fa0', '#39386e'],
      haze: '#b57f9f',
      far: '#655e97',
      near: '#0d0f26',
      water: '#4d4f8a',
    },
    {
      sky: ['#0f2a4a', '#255a7c', '#6f93a6', '#f0c39a'],
      light: '#ffe9cc',
      glow: 0.42,
      clouds: ['#e3b59a', '#2c5068'],
      haze: '#9bacb2',
      far: '#4d7890',
      near: '#0a1a26',
      water: '#386a86',
    },
  ],
  night: [
    {
      sky: ['#040918', '#0c1b40', '#1d3a6d', '#3f6794'],
      light: '#eef4ff',
      glow: 0.26,
      clouds: ['#5b7aa5', '#101d3d'],
      haze: '#34547f',
      far: '#1f3a63',
      near: '#03060f',
      water: '#1b3560',
    },
    {
      sky: ['#0a0720', '#221648', '#4a2c70', '#7d4f86'],
      light: '#fdf0ff',
      glow: 0.28,
      clouds: ['#8a68a5', '#1a1238'],
      haze: '#573a72',
      far: '#372758',
      near: '#060412',
      water: '#33255a',
    },
    {
      sky: ['#03110f', '#06282f', '#0f4a52', '#2f7a78'],
      light: '#eafff6',
      glow: 0.24,
      clouds: ['#4d8f8a', '#06222a'],
      haze: '#2a6468',
      far: '#14454d',
      near: '#020a0c',
      water: '#124048',
    },
  ],
};

/** Colours of land that do not depend on the hour. */
export const GROUND: Partial<Record<Land, { far: string; near: string }>> = {
  desert: { far: '#d99a6c', near: '#8a4a2e' },
  hills: { far: '#8fbf8a', near: '#3f7d2c' },
};

export const AUTUMN = { far: '#d9a860', near: '#a8551f' };

export const WINTER = { far: '#dfe8f2', near: '#b4c6dc' };

/** How much lightness and chroma the hour leaves to land. */
export const DAYLIGHT: Record<Hour, { light: number; own: number }> = {
  day: { light: 1, own: 0.85 },
  dawn: { light: 0.86, own: 0.62 },
  sunset: { light: 0.7, own: 0.62 },
  dusk: { light: 0.52, own: 0.45 },
  night: { light: 0.46, own: 0.5 },
};
