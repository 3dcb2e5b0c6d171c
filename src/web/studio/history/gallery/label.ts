/** The name of a generation for screen readers. */
import type { TFunction } from 'i18next';
import type { Card } from '../../generation/fragments';
import { formatTime } from '../../ui/formats';

const MAX_PROMPT = 120;

/** @param words what it is called */
export function labelOf(card: Card, words: string, t: TFunction<['history', 'generation']>, language: string): string {
  return [
    words.length > MAX_PROMPT ? `${words.slice(0, MAX_PROMPT)} …` : words,
    card.status !== 'COMPLETED' && t(`generation:status.${card.status}`),
    card.isFavorite && t('favorite'),
    formatTime(card.createdAt, language),
  ]
    .filter(Boolean)
    .join(', ');
}
