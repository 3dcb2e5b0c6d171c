/** Times and sizes in the words of the page's language. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEP = 1_000;

/** The language with the region of the browser: an English page in Britain shows 28 Nov 2026. */
export const localeOf = (language: string): string =>
  navigator.languages.find((each) => each.split('-')[0] === language) ?? language;

const STYLES = {
  day: { dateStyle: 'medium' },
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  second: { dateStyle: 'medium', timeStyle: 'medium' },
  sentence: { dateStyle: 'long', timeStyle: 'short' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Each takes milliseconds to make, and a gallery has thousands of times. */
const formats = new Map<string, Intl.DateTimeFormat>();

export function formatTime(instant: string, language: string, style: keyof typeof STYLES = 'minute'): string {
  const key = `${language} ${style}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(localeOf(language), STYLES[style]);
  formats.set(key, format);
  return format.format(new Date(instant));
}

/** @param size in bytes @returns such as `1.4 GB` */
export function formatBytes(size: number, language: string): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, size)) / Math.log(STEP)));
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: UNITS[power],
    // The short name of the first has no plural.
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(size / STEP ** power);
}

const SPACE = '\u00a0';

/** @param seconds of a length of time @returns such as `3.2 s`, `41 s`, `2 min 5 s` or `1 h 3 min`, which does not wrap */
export function formatLength(seconds: number, language: string): string {
  const part = (value: number, unit: string, digits = 0) =>
    `${value.toLocaleString(localeOf(language), { maximumFractionDigits: digits })}${SPACE}${unit}`;
  if (seconds < 9.95) return part(seconds, 's', 1);
  const whole = Math.round(seconds);
  if (whole < 60) return part(whole, 's');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return [part(minutes, 'min'), part(whole % 60, 's')].join(SPACE);
  return [part(Math.floor(minutes / 60), 'h'), part(minutes % 60, 'min')].join(SPACE);
}

/** Each takes milliseconds to make, and progress is written many times a second. */
const percents = new Map<string, Intl.NumberFormat>();

/** @param fraction from 0 to 1, rounded down @returns such as `61%` */
export function formatPercent(fraction: number, language: string): string {
  const format = percents.get(language) ?? new Intl.NumberFormat(localeOf(language), { style: 'percent' });
  percents.set(language, format);
  return format.format(Math.floor(fraction * 100) / 100);
}
