/** A generation that the user has canceled: what it was, and how to have it after all. */
import { RotateCcw } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useRetry } from '../../generation/acts/use-retry';
import type { Card } from '../../generation/fragments';
import { useTitle } from '../../generation/use-title';
import { IconButton } from '../../ui/button';
import css from './canceled-row.module.css';
import { DeleteButton } from './delete-button';
import { FROM_LIST } from './media';

export const CanceledRow = memo(function CanceledRow({ card }: { card: Card }) {
  const { t } = useTranslation('generation');
  const titleOf = useTitle();
  const retry = useRetry();
  const { id } = card;
  return (
    <li className={css.row}>
      <h3 className={css.prompt}>
        <Link to={`/history/${id}`} state={FROM_LIST}>
          {titleOf(card)}
        </Link>
      </h3>
      <p className={css.status}>{t('status.CANCELED')}</p>
      <IconButton icon={RotateCcw} label={t('action.retry')} onClick={() => void retry(id)} />
      <DeleteButton card={card} />
    </li>
  );
});
