/** Moves the focus from a card that is deleted: the focus would be lost with it. */
import type { MouseEvent } from 'react';

const TITLE = 'h3 a';

export function focusNext({ currentTarget }: MouseEvent): void {
  const card = currentTarget.closest('li');
  const cards = [...(card?.parentElement?.children ?? [])];
  const index = card ? cards.indexOf(card) : 0;
  const nearest = [...cards.slice(index + 1), ...cards.slice(0, index).reverse()];
  const title = nearest.find((each) => each.querySelector(TITLE))?.querySelector<HTMLElement>(TITLE);
  (title ?? document.getElementById('live-title'))?.focus({ preventScroll: true });
}
