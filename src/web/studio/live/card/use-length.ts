/** Lengths of time in words. */
import { useTranslation } from 'react-i18next';

/** @returns a function from seconds to a text such as `3.2 s`, `41 s` or `3 min` */
export function useLength(): (seconds: number) => string {
  const { t, i18n } = useTranslation('live');
  return (seconds) => {
    if (seconds >= 60) return t('minutes', { number: Math.round(seconds / 60) });
    const maximumFractionDigits = seconds < 10 ? 1 : 0;
    return t('seconds', { number: seconds.toLocaleString(i18n.language, { maximumFractionDigits }) });
  };
}
