/** Times and spans in the words of the page's language. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime, localeOf } from '../../../ui/formats';

const SECONDS_PER_MINUTE = 60;

export function useFormats() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(() => {
    const unit = (value: number, name: string, digits: number) =>
      new Intl.NumberFormat(localeOf(language), {
        style: 'unit',
        unit: name,
        unitDisplay: 'narrow',
        maximumFractionDigits: digits,
      }).format(value);
    return {
      time: (instant: string): string => formatTime(instant, language, 'second'),
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
