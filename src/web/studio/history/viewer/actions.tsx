/** What can be done with the shown generation. */
import { Ban, Dices, Download, Heart, RotateCcw, Share2, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCancel } from '../../generation/acts/use-cancel';
import { useFavorite } from '../../generation/acts/use-favorite';
import { FoldingButton } from '../../ui/button';
import { useDownload } from '../download';
import { ShareDialog } from '../sharing/share-dialog';
import css from './actions.module.css';
import { type Detail, isFinal, makesOther } from './detail';

type ActionsProps = { detail: Detail; canDelete: boolean; onDelete(): void; onRetry(): void };

export function Actions({ detail, canDelete, onDelete, onRetry }: ActionsProps) {
  const { t } = useTranslation(['history', 'generation']);
  const [isSharing, setIsSharing] = useState(false);
  const favorite = useFavorite();
  const cancel = useCancel();
  const download = useDownload();
  const { id, isFavorite, status, result, share } = detail;
  const again = () => {
    if (status !== 'COMPLETED') return t('generation:action.retry');
    return makesOther(detail) ? t('viewer.another') : t('viewer.again');
  };
  return (
    <>
      <FoldingButton
        className={isFavorite ? css.favorite : undefined}
        icon={Heart}
        label={t('generation:action.favorite')}
        aria-pressed={isFavorite}
        aria-keyshortcuts="f"
        onClick={() => void favorite(id, !isFavorite)}
      />
      {result && (
        <FoldingButton
          icon={Download}
          label={t('generation:action.download')}
          aria-keyshortcuts="d"
          onClick={() => void download([id])}
        />
      )}
      {result && (
        <FoldingButton
          className={share ? css.shared : undefined}
          icon={Share2}
          label={share ? t('share.change') : t('share.begin')}
          onClick={() => setIsSharing(true)}
        />
      )}
      {isFinal(status) ? (
        <FoldingButton icon={makesOther(detail) ? Dices : RotateCcw} label={again()} onClick={onRetry} />
      ) : (
        <FoldingButton
          icon={Ban}
          label={t('generation:action.cancel')}
          disabled={status === 'CANCELING'}
          onClick={() => void cancel(id)}
        />
      )}
      <FoldingButton
        icon={Trash2}
        label={t('generation:action.delete')}
        aria-keyshortcuts="Delete"
        disabled={!canDelete}
        onClick={onDelete}
      />
      <ShareDialog detail={detail} isOpen={isSharing} onClose={() => setIsSharing(false)} />
    </>
  );
}
