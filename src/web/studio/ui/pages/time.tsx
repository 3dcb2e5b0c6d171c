/** Times and sizes in the words of the page's language. */
import { useTranslation } from 'react-i18next';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEP = 1_000;

/** The language with the region of the browser: an English page in Britain shows 28 Nov 2026. */
export const localeOf = (language: string): string =>
  navigator.languages.find((each) => each.split('-')[0] === language) ?? language;

/** @param isDay without the time of day */
export function Time({ at, isDay = false }: { at: string; isDay?: boolean }) {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(localeOf(i18n.language), {
    dateStyle: 'medium',
    ...(!isDay && { timeStyle: 'short' }),
  });
  return <time dateTime={at}>{format.format(new Date(at))}</time>;
}

/** @param size in bytes @returns such as `1.4 GB` */
export function formatBytes(size: number, language: string): string {
  const kilobytes = size / STEP;
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log(Math.max(1, kilobytes)) / Math.log(STEP))));
  return new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: UNITS[power],
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(kilobytes / STEP ** power);
}
