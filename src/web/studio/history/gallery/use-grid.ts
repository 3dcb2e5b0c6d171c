/** A grid of squares that shows only the rows near the window, and keeps its place while the list changes above it. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffectEvent, useLayoutEffect, useState } from 'react';
import type { Card } from '../../generation/fragments';
import { type Layout, relayout, rowOf, rowsOf } from './layout';

const WIDE = 560;
const GAPS = { narrow: 4, wide: 10 };
const TILES = { narrow: 112, wide: 172 };
const OVERSCAN_ROWS = 2;

type Place = { id: string; offset: number };
type Grid = Layout & {
  /** The squares to show: from `first`, before `end`. */
  first: number;
  end: number;
  /** In pixels. */
  height: number;
  start: number;
  gap: number;
  size: number;
  /** Scrolls a generation into view. */
  reveal(index: number): void;
  rowsPerPage: number;
};

function measure(width: number): { columns: number; gap: number; size: number } {
  const kind = width < WIDE ? 'narrow' : 'wide';
  const gap = GAPS[kind];
  const columns = Math.max(2, Math.floor((width + gap) / (TILES[kind] + gap)));
  return { columns, gap, size: (width - gap * (columns - 1)) / columns };
}

/** @param kept outlives the component: where the user was */
export function useGrid(
  element: RefObject<HTMLElement | null>,
  items: readonly Card[],
  kept: { place?: Place },
): Grid | undefined {
  const [box, setBox] = useState<{ width: number; top: number }>();
  const { columns, gap, size } = measure(box?.width ?? 0);
  const rowHeight = size + gap;
  const top = box?.top ?? 0;
  const [layout, setLayout] = useState<Layout>({ items, columns, rowHeight, lead: 0, shift: 0 });
  let current = layout;
  if (layout.items !== items || layout.columns !== columns || layout.rowHeight !== rowHeight) {
    current = relayout(layout, { items, columns, rowHeight }, window.scrollY - top);
    setLayout(current);
  }

  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const read = () => {
      const rect = target.getBoundingClientRect();
      const next = { width: rect.width, top: Math.round(rect.top + window.scrollY) };
      setBox((old) => (old?.width === next.width && old.top === next.top ? old : next));
    };
    const observer = new ResizeObserver(read);
    observer.observe(target);
    observer.observe(document.body);
    read();
    return () => observer.disconnect();
  }, [element]);

  const rows = rowsOf(current);
  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN_ROWS,
    scrollMargin: top,
    enabled: box !== undefined,
  });
  // The virtualizer keeps sizes until it is told that they have changed.
  useLayoutEffect(() => {
    if (rowHeight > 0) virtualizer.measure();
  }, [rowHeight, virtualizer]);
  useLayoutEffect(() => {
    if (current.shift) window.scrollTo(0, window.scrollY + current.shift);
  }, [current]);

  const restore = useEffectEvent(() => {
    const { place } = kept;
    const index = place ? items.findIndex(({ id }) => id === place.id) : -1;
    window.scrollTo(0, place && index > 0 ? top + rowOf(current, index) * rowHeight + place.offset : 0);
  });
  const isMeasured = box !== undefined;
  useLayoutEffect(() => {
    if (isMeasured && kept) restore();
  }, [isMeasured, kept]);

  const settle = useEffectEvent(() => {
    const above = window.scrollY - top;
    const row = Math.floor(above / rowHeight);
    const first = row > 0 ? items[Math.max(0, row * columns - current.lead)] : undefined;
    if (first) kept.place = { id: first.id, offset: above - row * rowHeight };
    else delete kept.place;
    if (current.lead && window.scrollY === 0) setLayout({ ...current, lead: 0, shift: 0 });
  });
  // A layout effect, because its end must come before the page shrinks without the gallery: that scrolls, too.
  useLayoutEffect(() => {
    const onScroll = () => settle();
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);

  if (!box) return undefined;
  const visible = virtualizer.getVirtualItems();
  const firstRow = visible[0]?.index ?? 0;
  const lastRow = visible.at(-1)?.index ?? -1;
  return {
    ...current,
    first: Math.max(0, firstRow * columns - current.lead),
    end: Math.min(items.length, (lastRow + 1) * columns - current.lead),
    height: Math.max(0, rows * rowHeight - gap),
    start: firstRow * rowHeight,
    gap,
    size,
    rowsPerPage: Math.max(1, Math.floor(window.innerHeight / rowHeight) - 1),
    reveal: (index) => virtualizer.scrollToIndex(rowOf(current, index), { align: 'auto' }),
  };
}
