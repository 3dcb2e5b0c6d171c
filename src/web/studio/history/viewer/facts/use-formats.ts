/** Times, spans and sizes in the words of the page's language. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
const STEP = 1_000;
const SECONDS_PER_MINUTE = 60;

export function useFormats() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => {
    const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
    const unit = (value: number, name: string, digits: number) =>
      new Intl.NumberFormat(language, {
        style: 'unit',
        unit: name,
        unitDisplay: 'short',
        maximumFractionDigits: digits,
      }).format(value);
    return {
      time: (instant: string): string => times.format(new Date(instant)),
      /** From one instant to another. */
      span(from: string, to: string): string {
        const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
        if (seconds < SECONDS_PER_MINUTE) return unit(seconds, 'second', 1);
        const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
        return `${unit(minutes, 'minute', 0)} ${unit(Math.round(seconds % SECONDS_PER_MINUTE), 'second', 0)}`;
      },
    };
  }, [language]);
}

/** @param size in bytes @returns such as `1.4 MB` */
export function formatBytes(size: number, language: string): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, size)) / Math.log(STEP)));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[power],
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(size / STEP ** power);
}
