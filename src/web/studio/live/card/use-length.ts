/** Lengths of time in words. */
import { useTranslation } from 'react-i18next';
import { formatLength } from '../../ui/formats';

/** @returns `formatLength` for the page's language */
export function useLength(): (seconds: number) => string {
  const { i18n } = useTranslation('live');
  return (seconds) => formatLength(seconds, i18n.language);
}
