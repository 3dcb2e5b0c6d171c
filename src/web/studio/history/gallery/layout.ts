/**
 * Where generations stand in rows of squares. When the list changes above what the user sees, that must not move: the first row
 * then begins with empty squares, so that all later rows stay the same, and the window scrolls by whole rows.
 */
type Entry = { id: string };

export type Layout<Item extends Entry = Entry> = {
  items: readonly Item[];
  columns: number;
  /** In pixels, with the gap. */
  rowHeight: number;
  /** How many squares of the first row are empty. */
  lead: number;
  /** By how many pixels the window has to scroll after the last change. */
  shift: number;
};

export const rowsOf = ({ items, lead, columns }: Layout): number => Math.ceil((items.length + lead) / columns);
export const rowOf = ({ lead, columns }: Layout, index: number): number => Math.floor((index + lead) / columns);

/** @param scrolled how many pixels of the grid are above the window */
export function relayout(old: Layout, next: Pick<Layout, 'items' | 'columns' | 'rowHeight'>, scrolled: number): Layout {
  const plain = { ...next, lead: 0, shift: 0 };
  if (scrolled <= 0 || old.rowHeight <= 0) return plain;
  const row = Math.floor(scrolled / old.rowHeight);
  const anchor = findAnchor(old, Math.max(0, row * old.columns - old.lead), next.items);
  if (!anchor) return plain;
  const lead = next.columns === old.columns ? modulo(anchor.from + old.lead - anchor.to, old.columns) : 0;
  const after = { ...next, lead, shift: 0 };
  const shift = rowOf(after, anchor.to) * next.rowHeight - rowOf(old, anchor.from) * old.rowHeight;
  return { ...after, shift };
}

/** The first visible entry that is still in the list. */
function findAnchor(old: Layout, first: number, items: readonly Entry[]): { from: number; to: number } | undefined {
  for (let from = first; from < Math.min(old.items.length, first + MAX_LOOKED_AT); from += 1) {
    const id = old.items[from]?.id;
    const to = items[from]?.id === id ? from : items.findIndex((item) => item.id === id);
    if (to !== -1) return { from, to };
  }
  return undefined;
}

const MAX_LOOKED_AT = 200;
const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;
