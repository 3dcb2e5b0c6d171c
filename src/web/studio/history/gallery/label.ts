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
    card.status !== 'COMPLETED' && t(`generation:status.${card.status}`),
    card.isFavorite && t('favorite'),
    formatTime(card.createdAt, language),
  ]
    .filter(Boolean)
    .join(', ');
}
