/** One generation of the live list: what it becomes, where it is, and what can be done with it. */
import { Download, Heart, RotateCcw, X } from 'lucide-react';
import { type ComponentType, memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCancel } from '../../generation/acts/use-cancel';
import { useFavorite } from '../../generation/acts/use-favorite';
import { useRetry } from '../../generation/acts/use-retry';
import type { Card } from '../../generation/fragments';
import { useTitle } from '../../generation/use-title';
import { Button, buttonClass, IconButton } from '../../ui/button';
import type { Creation } from '../creations';
import { DeleteButton } from './delete-button';
import css from './live-card.module.css';
import { FROM_LIST, Media } from './media';
import media from './media.module.css';
import { StatusLine } from './status-line';

/** More that can be done with one that has ended. */
export type CardMenu = ComponentType<{ card: Card; className: string | undefined }>;

export const LiveCard = memo(function LiveCard({ card, Menu }: { card: Card; Menu: CardMenu }) {
  const titleOf = useTitle();
  const { id, completedAt } = card;
  return (
    <li className={css.card} data-unfinished={completedAt ? undefined : true}>
      <Media card={card} />
      <div className={css.body}>
        <h3 className={css.prompt}>
          <Link to={`/history/${id}`} state={FROM_LIST}>
            {titleOf(card)}
          </Link>
        </h3>
        <StatusLine card={card} />
      </div>
      <Actions card={card} Menu={Menu} />
    </li>
  );
});

function Actions({ card, Menu }: { card: Card; Menu: CardMenu }) {
  const { id, status, isFavorite, result } = card;
  const { t } = useTranslation('generation');
  const cancel = useCancel();
  const retry = useRetry();
  const favorite = useFavorite();
  const outputs = [...(result?.images ?? []), ...(result?.files ?? [])];
  const [output] = outputs;

  if (status === 'PENDING' || status === 'PROCESSING' || status === 'CANCELING')
    return (
      <div className={css.actions}>
        <Button look="quiet" icon={X} disabled={status === 'CANCELING'} onClick={() => void cancel(id)}>
          {t('action.cancel')}
        </Button>
      </div>
    );
  return (
    <div className={`${css.actions} ${css.ended}`}>
      {status === 'COMPLETED' ? (
        <IconButton
          className={css.favorite}
          icon={Heart}
          label={t('action.favorite')}
          aria-pressed={isFavorite}
          onClick={() => void favorite(id, !isFavorite)}
        />
      ) : (
        <Button look="quiet" icon={RotateCcw} title={t('action.retry')} onClick={() => void retry(id)}>
          <span className={css.word}>{t('action.retry')}</span>
        </Button>
      )}
      {output && result && (
        <a
          className={buttonClass('quiet', css.icon)}
          href={outputs.length === 1 ? output.downloadUrl : result.archiveUrl}
          title={t('action.download')}
          aria-label={t('action.download')}
        >
          <Download aria-hidden size={20} />
        </a>
      )}
      <Menu card={card} className={css.icon} />
      <DeleteButton card={card} className={css.last} />
    </div>
  );
}

/** A generation that the server has not answered yet. */
export function SendingCard({ creation: { prompt } }: { creation: Creation }) {
  const { t } = useTranslation('live');
  return (
    <li className={css.card} data-unfinished>
      <div className={media.media} />
      <div className={css.body}>
        <h3 className={css.prompt}>{prompt || t('untitled')}</h3>
        <p className={css.status}>{t('sending')}</p>
      </div>
      <div className={css.actions} />
    </li>
  );
}

/** The place of a generation that was just deleted: the next one must not take it at once. */
export const DeletedCard = ({ isRow }: { isRow: boolean }) => (
  <li className={isRow ? css.deletedRow : css.deleted} aria-hidden />
);
