/** The gallery itself: generations as a grid of squares. */
import { useEffect, useEffectEvent, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFavorite } from '../../generation/acts/use-favorite';
import { useTitle } from '../../generation/use-title';
import type { Gallery } from '../list/use-gallery-list';
import type { Selection } from '../selection/use-selection';
import css from './grid.module.css';
import { shorten } from './label';
import { Tile, type TileActions } from './tile';
import { useGrid } from './use-grid';
import { useGridKeys } from './use-grid-keys';

/** Rows before the end at which the next page is read. */
const ROWS_AHEAD = 12;
/** The list reads the entries near the window again: not while the window moves. */
const SETTLED_MS = 100;

type GridProps = {
  gallery: Gallery;
  selection: Selection;
  hrefOf(id: string): string;
  onOpen(id: string): void;
  /** The generation that the viewer shows: the gallery scrolls along. */
  shownId: string | undefined;
  /** Whether something else is over the gallery. */
  isCovered: boolean;
};

export function Grid({ gallery, selection, hrefOf, onOpen, shownId, isCovered }: GridProps) {
  const { t } = useTranslation('history');
  const titleOf = useTitle();
  const { items, hasMore, isLoading, loadMore, kept, refresh, show } = gallery;
  const element = useRef<HTMLDivElement>(null);
  const grid = useGrid(element, items, kept);
  const keys = useGridKeys({ element, items, grid, selection, isCovered });

  const press = useEventCallback((id: string, hasShift: boolean, hasCtrl: boolean) => {
    if (hasShift) selection.extendTo(id);
    else if (hasCtrl || selection.isOn) selection.toggle(id);
    else onOpen(id);
  });
  const select = useEventCallback((id: string, hasShift: boolean) =>
    hasShift ? selection.extendTo(id) : selection.toggle(id),
  );
  const focus = useEventCallback((id: string) => keys.setCurrent(id));
  const favorite = useFavorite();
  const actions: TileActions = useMemo(
    () => ({ press, select, focus, favorite: (id, isFavorite) => void favorite(id, isFavorite) }),
    [press, select, focus, favorite],
  );

  const isNearEnd = grid !== undefined && grid.end >= items.length - ROWS_AHEAD * grid.columns;
  useEffect(() => {
    if (isNearEnd && hasMore && !isLoading) loadMore();
  }, [isNearEnd, hasMore, isLoading, loadMore]);

  const [first, end] = [grid?.first ?? 0, grid?.end ?? 0];
  useEffect(() => {
    if (end <= first) return;
    const timer = setTimeout(() => show(first, end), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [first, end, show]);

  const lastShown = useRef<string>(undefined);
  const follow = useEffectEvent((id: string) => {
    const index = items.findIndex((card) => card.id === id);
    if (index !== -1) grid?.reveal(index);
    keys.setCurrent(id);
  });
  useEffect(() => {
    if (!shownId) return;
    follow(shownId);
    lastShown.current = shownId;
  }, [shownId]);
  useEffect(() => {
    if (shownId || !lastShown.current) return;
    keys.focus(lastShown.current);
    lastShown.current = undefined;
  }, [shownId, keys.focus]);

  const shown = items.slice(first, end);
  return (
    <div ref={element} className={css.frame} style={{ height: grid?.height }} onErrorCapture={refresh}>
      <ul
        className={css.grid}
        aria-label={t('gallery')}
        aria-busy={isLoading}
        data-selecting={selection.isOn || undefined}
        style={grid && { transform: `translateY(${grid.start}px)`, gap: grid.gap, '--columns': grid.columns }}
      >
        {shown.map((card, at) => (
          <Tile
            key={card.id}
            card={card}
            words={shorten(titleOf(card))}
            href={hrefOf(card.id)}
            sizes={`${Math.ceil(grid?.size ?? 0)}px`}
            isSelected={selection.ids.has(card.id)}
            isCurrent={keys.currentId === card.id}
            position={(grid?.first ?? 0) + at + 1}
            column={at === 0 && grid?.first === 0 && grid.lead ? grid.lead + 1 : undefined}
            actions={actions}
          />
        ))}
      </ul>
    </div>
  );
}

/** A function that stays the same, and acts on what was shown last. */
function useEventCallback<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  return useMemo(
    () =>
      (...args: Args) =>
        latest.current(...args),
    [],
  );
}
