/** Which generations of the gallery are selected. */
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Card } from '../../generation/fragments';

export type Selection = {
  ids: ReadonlySet<string>;
  /** Those that are still in the list, in its order. */
  cards: readonly Card[];
  /** Whether a press selects instead of opening. */
  isOn: boolean;
  begin(): void;
  toggle(id: string): void;
  /** From the last one that was selected. */
  extendTo(id: string): void;
  set(ids: readonly string[]): void;
  clear(): void;
};

const NONE: ReadonlySet<string> = new Set();

export function useSelection(items: readonly Card[]): Selection {
  const [ids, setIds] = useState(NONE);
  const [hasBegun, setHasBegun] = useState(false);
  const last = useRef<string>(undefined);
  const latest = useRef(items);
  useLayoutEffect(() => {
    latest.current = items;
  }, [items]);

  const toggle = useCallback((id: string) => {
    last.current = id;
    setIds((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const extendTo = useCallback((id: string) => {
    const at = (wanted: string | undefined) => latest.current.findIndex((card) => card.id === wanted);
    const to = at(id);
    const from = last.current === undefined ? to : at(last.current);
    const range = latest.current.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1);
    setIds((old) => new Set([...old, ...range.map((card) => card.id)]));
    last.current = id;
  }, []);
  const set = useCallback((next: readonly string[]) => setIds(new Set(next)), []);
  const begin = useCallback(() => setHasBegun(true), []);
  const clear = useCallback(() => {
    setIds(NONE);
    setHasBegun(false);
    last.current = undefined;
  }, []);
  const cards = useMemo(() => (ids.size ? items.filter(({ id }) => ids.has(id)) : []), [ids, items]);
  const isOn = hasBegun || ids.size > 0;
  return useMemo(
    () => ({ ids, cards, isOn, begin, toggle, extendTo, set, clear }),
    [ids, cards, isOn, begin, toggle, extendTo, set, clear],
  );
}
