/** What the gallery says when it has nothing to show, or could not read all of it. */
import { ImageOff, Images } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useConnection } from '../../api/connection';
import { Button, buttonClass } from '../../ui/button';
import { useProblemText } from '../../ui/problems/use-problem-text';
import { Waiting } from '../../ui/waiting';
import { type Filter, isRestricted, NO_FILTER, showFiltered } from '../filters/filter';
import type { Gallery } from '../list/use-gallery-list';
import css from './remark.module.css';

export function Remark({ gallery, filter }: { gallery: Gallery; filter: Filter }) {
  const { t } = useTranslation(['history', 'shell']);
  const { items, isReady, problem } = gallery;
  if (problem) return <Failed gallery={gallery} />;
  if (!isReady) return <Waiting />;
  if (items.length > 0) return null;
  if (isRestricted(filter))
    return (
      <div className={css.remark}>
        <ImageOff aria-hidden size={40} strokeWidth={1.5} />
        <h2>{t('none.title')}</h2>
        <p>{t('none.text')}</p>
        <Button look="primary" onClick={() => showFiltered(NO_FILTER)}>
          {t('filter.clear')}
        </Button>
      </div>
    );
  return (
    <div className={css.remark}>
      <Images aria-hidden size={40} strokeWidth={1.5} />
      <h2>{t('empty.title')}</h2>
      <p>{t('empty.text')}</p>
      <Link to="/" className={buttonClass('primary')}>
        {t('empty.action')}
      </Link>
    </div>
  );
}

function Failed({ gallery: { items, problem, retry } }: { gallery: Gallery }) {
  const { t } = useTranslation(['history', 'shell']);
  const isOffline = useConnection() === 'offline';
  const explain = useProblemText();
  // The banner says why, and the list is read again with the connection.
  if (isOffline && problem?.code === 'NETWORK')
    return items.length > 0 ? null : <p className={css.offline}>{t('offline')}</p>;
  return (
    <div className={css.failed} role="alert">
      <p>{problem && explain(problem)}</p>
      <Button onClick={retry}>{t('shell:failed.again')}</Button>
    </div>
  );
}
