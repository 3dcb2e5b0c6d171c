/** Reads land, hour and weather from a prompt. The seed selects what the prompt does not mention. */

const { floor } = Math;
export type Land = 'mountains' | 'ocean' | 'forest' | 'desert' | 'city' | 'hills';
export type Hour = 'dawn' | 'day' | 'sunset' | 'dusk' | 'night';

export type Scene = {
  land: Land;
  hour: Hour;
  /** 0 is a clear sky, 1 an overcast one. */
  clouds: number;
  /** 0 is clear air, 1 thick mist. */
  mist: number;
  snow: boolean;
  autumn: boolean;
  /** Only for mountains and cities. */
  water: boolean;
  aurora: boolean;
  flowers: boolean;
  /** Rotation of all hues in degrees. */
  hue: number;
  chroma: number;
};

const LANDS: Record<Land, RegExp> = {
  ocean:
    /\b(ocean|sea|beach|coast|island|waves?|ship|boat|sail\w*|harbou?r|lighthouse|underwater|fish|whale|tropical|shore)\b/,
  forest: /\b(forests?|woods?|trees?|jungle|pines?|fox|deer|bears?|elf|elves|fairy|mushrooms?|path|cabin)\b/,
  desert: /\b(desert|dunes?|sahara|mars|canyon|camels?|egypt\w*|pyramids?|sand)\b/,
  city: /\b(city|cities|town|street|skyline|cyberpunk|skyscrapers?|buildings?|urban|tokyo|paris|london|new york|robots?|cars?|neon|architecture|castle)\b/,
  hills:
    /\b(hills?|meadows?|fields?|flowers?|roses?|garden|farm|countryside|village|house|cottage|grass\w*|lavender|tulips?|horses?|dogs?|spring)\b/,
  mountains:
    /\b(mountains?|alps|peaks?|lakes?|rivers?|valley|glaciers?|fjords?|landscape|dragons?|snow\w*|himalaya\w*)\b/,
};

const HOURS: Record<Hour, RegExp> = {
  night:
    /\b(night|midnight|northern lights|moon\w*|stars?|starry|galaxy|dark|aurora|space|cosmos|neon|cyberpunk|vampire|ghost)\b/,
  sunset: /\b(sunset|golden hour|evening|warm|autumn|fall|fire|epic|cinematic)\b/,
  dusk: /\b(dusk|twilight|blue hour|purple|violet|mystic\w*|magic\w*|dreamy?)\b/,
  dawn: /\b(dawn|sunrise|morning|pastel|pink|soft|watercolou?r)\b/,
  day: /\b(day|noon|sunny|bright|blue sky|summer|daylight|spring)\b/,
};

const HUES: [RegExp, number][] = [
  [/\b(pink|rose|cherry)\b/, -22],
  [/\b(purple|violet|lavender)\b/, -38],
  [/\b(teal|turquoise|emerald|green)\b/, 26],
  [/\b(gold\w*|amber|yellow)\b/, 14],
];

/** `next` returns random numbers from 0 to 1. */
export function readScene(positive: string, negative: string, next: () => number): Scene {
  const wanted = positive.toLowerCase();
  const unwanted = negative.toLowerCase();
  const asks = (pattern: RegExp) => pattern.test(wanted) && !pattern.test(unwanted);
  const land =
    found(LANDS, asks) ?? pick(['mountains', 'mountains', 'mountains', 'forest', 'ocean', 'hills', 'desert'], next);
  const hour = found(HOURS, asks) ?? pick(['dawn', 'day', 'sunset', 'sunset', 'dusk', 'night'], next);
  const isCalm = next();
  const clouds = asks(/\b(cloud\w*|storm\w*|rain\w*|overcast|dramatic)\b/)
    ? 0.85
    : asks(/\b(clear|cloudless)\b/)
      ? 0.05
      : 0.15 + next() * 0.6;
  const mist = asks(/\b(mist\w*|fog\w*|haz\w*|dreamy?|mystic\w*)\b/) ? 0.9 : 0.2 + next() * 0.5;
  const snow =
    asks(/\b(snow\w*|winter|ice|icy|frozen|glaciers?|arctic|christmas)\b/) || (land === 'mountains' && next() < 0.45);
  return {
    land,
    hour,
    clouds: /\bclouds?\b/.test(unwanted) ? 0 : clouds,
    mist,
    snow,
    autumn: asks(/\b(autumn|fall|october)\b/) || next() < 0.12,
    water:
      (land === 'mountains' || land === 'city') &&
      (asks(/\b(lakes?|rivers?|water|reflection\w*|fjords?|ponds?)\b/) || isCalm < 0.65),
    aurora: asks(/\b(aurora|northern lights)\b/) || (hour === 'night' && next() < 0.3),
    flowers: asks(/\b(flowers?|roses?|meadows?|garden|lavender|tulips?|spring|blossoms?)\b/),
    hue: (HUES.find(([pattern]) => asks(pattern))?.[1] ?? 0) + (next() - 0.5) * 26,
    chroma: asks(/\b(vibrant|colou?rful|vivid|neon)\b/)
      ? 1.35
      : asks(/\b(black and white|monochrome|grayscale)\b/)
        ? 0
        : 0.9 + next() * 0.3,
  };
}

function found<Name extends string>(
  patterns: Record<Name, RegExp>,
  asks: (pattern: RegExp) => boolean,
): Name | undefined {
  return (Object.keys(patterns) as Name[]).find((name) => asks(patterns[name]));
}

function pick<T>(from: readonly [T, ...T[]], next: () => number): T {
  return from[floor(next() * from.length)] ?? from[0];
}
