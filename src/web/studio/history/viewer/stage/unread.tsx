/** In place of a generation that could not be read: what the gallery shows of it, and why there is no more. */
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../api/errors';
import type { Card } from '../../../generation/fragments';
import { useTitle } from '../../../generation/use-title';
import { Button } from '../../../ui/button';
import { useProblemText } from '../../../ui/problems/use-problem-text';
import css from './unread.module.css';

type UnreadProps = {
  problem: Problem;
  /** Undefined if the gallery has none. */
  card: Card | undefined;
  onRetry(): void;
  onClose(): void;
};

const GONE: readonly string[] = ['NOT_FOUND', 'FORBIDDEN'];

export function Unread({ problem, card, onRetry, onClose }: UnreadProps) {
  const { t } = useTranslation(['history', 'shell']);
  const explain = useProblemText();
  const titleOf = useTitle();
  const isGone = GONE.includes(problem.code);
  const [image] = card?.result?.images ?? [];
  return (
    <div className={css.unread}>
      {!isGone && card && image && <img className={css.image} src={image.thumbnailUrl} alt={titleOf(card)} />}
      <div className={css.words} role="alert">
        <p>{isGone ? t('viewer.gone') : explain(problem)}</p>
        {isGone ? (
          <Button onClick={onClose}>{t('viewer.back')}</Button>
        ) : (
          <Button onClick={onRetry}>{t('shell:failed.again')}</Button>
        )}
      </div>
    </div>
  );
}
