/** An instant, in the words of the page's language. */
import { useTranslation } from 'react-i18next';
import { formatTime } from '../formats';

/** @param isDay without the time of day */
export function Time({ at, isDay = false }: { at: string; isDay?: boolean }) {
  const { i18n } = useTranslation();
  return <time dateTime={at}>{formatTime(at, i18n.language, isDay ? 'day' : 'minute')}</time>;
}
