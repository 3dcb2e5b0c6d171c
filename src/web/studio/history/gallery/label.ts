/** The name of a generation for screen readers. */
import type { TFunction } from 'i18next';
import type { Card } from '../../generation/fragments';

const MAX_PROMPT = 120;
/** Each takes milliseconds to make, and a gallery has thousands of labels. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: string): Intl.DateTimeFormat {
  const format =
    formats.get(language) ?? new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  formats.set(language, format);
  return format;
}

export function labelOf(card: Card, t: TFunction<['history', 'generation']>, language: string): string {
  const words = card.prompt || card.workflow.title;
  return [
    words.length > MAX_PROMPT ? `${words.slice(0, MAX_PROMPT)} …` : words,
    card.status !== 'COMPLETED' && t(`generation:status.${card.status}`),
    card.isFavorite && t('favorite'),
    formatOf(language).format(new Date(card.createdAt)),
  ]
    .filter(Boolean)
    .join(', ');
}
