/** The keyboard in the gallery: one tile has the focus, arrow keys move it, Shift extends the selection. */
import { type RefObject, useCallback, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { Card } from '../../generation/fragments';
import type { Selection } from '../selection/use-selection';

type Grid = { columns: number; rowsPerPage: number; reveal(index: number): void };
type Options = {
  element: RefObject<HTMLElement | null>;
  items: readonly Card[];
  grid: Grid | undefined;
  selection: Selection;
  /** Whether the viewer is over the gallery. */
  isCovered: boolean;
};

export function useGridKeys({ element, items, grid, selection, isCovered }: Options) {
  const [chosenId, setCurrent] = useState<string>();
  const found = useMemo(
    () => (chosenId === undefined ? -1 : items.findIndex(({ id }) => id === chosenId)),
    [items, chosenId],
  );
  const at = Math.max(0, found);
  const currentId = items[at]?.id;

  function moveTo(index: number, hasShift: boolean) {
    const target = items[Math.max(0, Math.min(items.length - 1, index))];
    if (!target || !grid) return;
    if (hasShift) {
      if (selection.ids.size === 0 && currentId) selection.toggle(currentId);
      selection.extendTo(target.id);
    }
    setCurrent(target.id);
    grid.reveal(items.indexOf(target));
    focusSoon(element.current, target.id);
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isCovered || event.defaultPrevented || !grid || isElsewhere(event.target)) return;
    const steps: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - grid.columns,
      ArrowDown: at + grid.columns,
      PageUp: at - grid.columns * grid.rowsPerPage,
      PageDown: at + grid.columns * grid.rowsPerPage,
      Home: 0,
      End: items.length - 1,
    };
    const isInside = event.target instanceof Node && element.current?.contains(event.target);
    const step = steps[event.key];
    if (step !== undefined && isInside && !event.ctrlKey && !event.altKey && !event.metaKey)
      moveTo(step, event.shiftKey);
    else if (event.key === ' ' && isInside && currentId && !isCheckbox(event.target)) selection.toggle(currentId);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) selection.set(items.map(({ id }) => id));
    else if (event.key === 'Escape' && selection.isOn) selection.clear();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  const focus = useCallback((id: string) => focusSoon(element.current, id), [element]);
  return { currentId, setCurrent, focus };
}

const isCheckbox = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && target.type === 'checkbox';

/** Whether the key belongs to a field or a menu. */
export const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  !isCheckbox(target) &&
  target.closest('input, textarea, select, [role="menu"], [role="listbox"]') !== null;

/** The tile may be rendered only after the gallery has scrolled. */
function focusSoon(element: HTMLElement | null, id: string, tries = 20): void {
  const tile = element?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  if (tile) tile.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusSoon(element, id, tries - 1));
}
