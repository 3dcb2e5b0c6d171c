/** The name of a generation for screen readers. */
import type { TFunction } from 'i18next';
import type { Card } from '../../generation/fragments';
import { formatTime } from '../../ui/formats';

const MAX_PROMPT = 120;

/** @param title of a generation @returns what there is room for */
export const shorten = (title: string): string =>
  title.length > MAX_PROMPT ? `${title.slice(0, MAX_PROMPT)} …` : title;

/** @param words what it is called */
export function labelOf(card: Card, words: string, t: TFunction<['history', 'generation']>, language: string): string {
  return [
    words,
    card.status === 'COMPLETED' ? kindOf(card, t) : t(`generation:status.${card.status}`),
    card.isFavorite && t('favorite'),
    formatTime(card.createdAt, language),
  ]
    .filter(Boolean)
    .join(', ');
}

/** @returns what it has made, if that is no picture */
function kindOf({ result }: Card, t: TFunction<['history', 'generation']>): string | undefined {
  const [file] = result?.files ?? [];
  if (!result || result.images.length > 0) return undefined;
  if (file) return t(`generation:kind.${file.kind}`);
  return result.texts.length > 0 ? t('generation:kind.TEXT') : undefined;
}
