/** Deletes a generation of the list. The focus would be lost with its card: it goes to the nearest one. */
import { Trash2 } from 'lucide-react';
import type { MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useDelete } from '../../generation/acts/use-delete';
import type { Card } from '../../generation/fragments';
import { useTitle } from '../../generation/use-title';
import { IconButton } from '../../ui/button';

const TITLE = 'h3 a';

export function DeleteButton({ card, className }: { card: Card; className?: string | undefined }) {
  const { t } = useTranslation('generation');
  const titleOf = useTitle();
  const remove = useDelete();
  return (
    <IconButton
      className={className}
      icon={Trash2}
      label={t('action.delete')}
      onClick={(event) => {
        focusNext(event);
        remove([card.id], titleOf(card));
      }}
    />
  );
}

function focusNext({ currentTarget }: MouseEvent): void {
  const card = currentTarget.closest('li');
  const cards = [...(card?.parentElement?.children ?? [])];
  const index = card ? cards.indexOf(card) : 0;
  const nearest = [...cards.slice(index + 1), ...cards.slice(0, index).reverse()];
  const title = nearest.find((each) => each.querySelector(TITLE))?.querySelector<HTMLElement>(TITLE);
  (title ?? document.getElementById('live-title'))?.focus({ preventScroll: true });
}
