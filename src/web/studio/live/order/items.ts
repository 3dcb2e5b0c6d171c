/** What the live list shows, in its order: what runs, what waits in the order of the queue, then what has ended, newest first. */
import type { Card } from '../../generation/fragments';
import type { Creation } from '../creations';

export type Item =
  /** `isHidden`: it is about to be deleted. */
  | { key: string; card: Card; creation?: undefined; isHidden: boolean }
  | { key: string; card?: undefined; creation: Creation; isHidden: false };

const SENDING = 3;
const CANCELED = 5;

export const isCanceled = ({ card }: Item): boolean => card?.status === 'CANCELED';

export function itemsOf(
  cards: readonly Card[],
  underWay: readonly Creation[],
  hidden: ReadonlySet<string>,
): readonly Item[] {
  // For a moment a generation may be in its old list as well.
  const unique = [...new Map(cards.map((card) => [card.id, card])).values()];
  const items: Item[] = unique.map((card) => ({
    key: card.idempotencyKey ?? card.id,
    card,
    isHidden: hidden.has(card.id),
  }));
  // A generation can arrive before the response that ends its creation.
  const keys = new Set(items.map(({ key }) => key));
  const sending = underWay.filter(({ key }) => !keys.has(key));
  return [...items, ...sending.map((creation) => ({ key: creation.key, creation, isHidden: false }) as const)].sort(
    (one, other) => rankOf(one) - rankOf(other) || compare(one, other),
  );
}

function rankOf({ card }: Item): number {
  switch (card?.status) {
    case undefined:
      return SENDING;
    case 'PROCESSING':
    case 'CANCELING':
      return card.startedAt ? 0 : 1;
    case 'PENDING':
      return 2;
    case 'COMPLETED':
    case 'FAILED':
      return 4;
    case 'CANCELED':
      return CANCELED;
  }
}

/** Of two with the same rank. */
function compare(one: Item, other: Item): number {
  const [first, second] = [one.card, other.card];
  if (!first || !second) return timeOf(one).localeCompare(timeOf(other));
  if (first.completedAt && second.completedAt) return second.completedAt.localeCompare(first.completedAt);
  return second.priority - first.priority || timeOf(one).localeCompare(timeOf(other));
}

const timeOf = ({ card, creation }: Item): string => card?.startedAt ?? card?.createdAt ?? creation?.createdAt ?? '';
