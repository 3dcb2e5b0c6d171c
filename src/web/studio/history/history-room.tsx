/** The gallery of all generations, and one of them large over it. */
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useHidden } from '../generation/acts/use-delete';
import { navigate } from '../shell/hash-location';
import { useLayer } from '../ui/layers/use-layer';
import { formatFilter, useFilter } from './filters/filter';
import { FilterBar } from './filters/filter-bar';
import { Grid } from './gallery/grid';
import { Remark } from './gallery/remark';
import css from './history.module.css';
import { useCount } from './list/count';
import { useGalleryList } from './list/use-gallery-list';
import { SelectionBar } from './selection/selection-bar';
import { useSelection } from './selection/use-selection';
import { Compare } from './viewer/compare/compare';
import { Viewer } from './viewer/viewer';

export default function HistoryRoom({ params }: { params: { '*'?: string } }) {
  const { t } = useTranslation('history');
  const filter = useFilter();
  const list = useGalleryList(filter);
  const hidden = useHidden();
  const items = useMemo(
    () => (hidden.size ? list.items.filter(({ id }) => !hidden.has(id)) : list.items),
    [list.items, hidden],
  );
  const gallery = useMemo(() => ({ ...list, items }), [list, items]);
  const selection = useSelection(items);
  const found = useCount(filter);
  const count = found === undefined ? undefined : found - (list.items.length - items.length);
  const isAtLeast = filter.search !== '' && found === MAX_FOUND;
  const foundText = count === undefined ? '' : t(isAtLeast ? 'countAtLeast' : 'count', { count });
  const { clear } = selection;
  useLayer(selection.isOn, clear);
  // Another list: what was selected may not be in it.
  useEffect(() => {
    if (filter) clear();
  }, [filter, clear]);
  const [shownId, otherId] = (params['*'] ?? '').split('/').map(decodeURIComponent);

  const query = formatFilter(filter);
  const pathOf = (...ids: string[]) => `/history/${ids.map(encodeURIComponent).join('/')}${query}`;
  const open = (...ids: string[]) => navigate(pathOf(...ids), { state: FROM_GALLERY, isOver: true });
  const close = () => (isVisitByLink() ? navigate(`/history${query}`, { replace: true }) : history.back());

  return (
    <>
      <header className={css.head}>
        <h1>{t('title')}</h1>
        <p className={css.count} role="status">
          {foundText}
        </p>
      </header>
      {selection.isOn ? (
        <SelectionBar selection={selection} items={items} isCovered={Boolean(shownId)} onCompare={open} />
      ) : (
        <FilterBar filter={filter} found={foundText} onSelect={selection.begin} />
      )}
      <Remark gallery={gallery} filter={filter} />
      <Grid
        gallery={gallery}
        selection={selection}
        hrefOf={(id) => `#${pathOf(id)}`}
        onOpen={open}
        shownId={(!otherId && shownId) || undefined}
        isCovered={Boolean(shownId)}
      />
      {shownId && otherId ? (
        <Compare ids={[shownId, otherId]} onClose={close} />
      ) : (
        shownId && (
          <Viewer
            id={shownId}
            gallery={gallery}
            filter={filter}
            total={isAtLeast ? undefined : count}
            onShow={(id) => navigate(pathOf(id), { replace: true, state: history.state })}
            onClose={close}
          />
        )
      )}
    </>
  );
}

/** The server counts no further when it searches for words. */
const MAX_FOUND = 1_000;
const FROM_GALLERY = { isFromGallery: true };
/** Then nothing of this page is behind the viewer. */
const isVisitByLink = (): boolean => !history.state?.isFromGallery && !history.state?.isFromList;
