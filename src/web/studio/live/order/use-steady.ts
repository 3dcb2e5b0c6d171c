/** Keeps cards from moving under the pointer: a second tap on Cancel would cancel another one. */
import { type PointerEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import type { Item } from './items';
import { isSame, NOTHING, place, settled } from './place';

/** How long the user is busy after an act in the list. */
const BUSY_MS = 2_000;
/** How long what has ended stays where it was. */
const SETTLE_MS = 2_000;

export type Place = { item: Item; isFolded: boolean };

type Steady = {
  places: readonly Place[];
  /** For the list. */
  listeners: {
    onPointerDown(): void;
    onPointerMove(): void;
    onPointerLeave(event: PointerEvent): void;
    onKeyDown(): void;
  };
};

export function useSteady(items: readonly Item[]): Steady {
  const { isBusy, stir, rest } = useBusy();
  const [last, setShown] = useState(NOTHING);
  const shown = place(last, items, isBusy);
  if (shown !== last) setShown(shown);

  const isSettled = isSame(shown, settled(items));
  const settle = useEffectEvent(() => setShown(settled(items)));
  useEffect(() => {
    if (isSettled || isBusy) return undefined;
    const timer = setTimeout(() => settle(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isSettled, isBusy]);

  const places = useMemo(() => {
    const byKey = new Map(items.map((item) => [item.key, item]));
    return shown.keys.flatMap((key) => {
      const item = byKey.get(key);
      return item ? [{ item, isFolded: item.card?.status === 'CANCELED' && shown.folded.has(key) }] : [];
    });
  }, [items, shown]);
  // A finger leaves with each tap, and may tap again.
  const onPointerLeave = ({ pointerType }: PointerEvent) => pointerType === 'mouse' && rest();
  return { places, listeners: { onPointerDown: stir, onPointerMove: stir, onPointerLeave, onKeyDown: stir } };
}

function useBusy(): { isBusy: boolean; stir(): void; rest(): void } {
  const [isBusy, setIsBusy] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const rest = () => setIsBusy(false);
  return {
    isBusy,
    rest,
    stir() {
      clearTimeout(timer.current);
      setIsBusy(true);
      timer.current = setTimeout(rest, BUSY_MS);
    },
  };
}
