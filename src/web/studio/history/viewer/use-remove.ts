/** Deletes the shown generation, and shows the next one in its place, until Undo brings it back. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useDelete } from '../../generation/acts/use-delete';
import type { Card } from '../../generation/fragments';

/** The button that deleted one generation is now over the next one: a second tap of the same finger must not delete that, too. */
const SETTLE_MS = 1_000;

type Shown = {
  id: string;
  /** Undefined while it is read. */
  title: string | undefined;
  neighbour: string | undefined;
  /** What the gallery shows. */
  items: readonly Card[];
  onShow(id: string): void;
  onClose(): void;
};

/** @returns a function that does nothing while `isSettling` */
export function useRemove({ id, title, neighbour, items, onShow, onClose }: Shown): {
  remove(): void;
  isSettling: boolean;
} {
  const deleteAll = useDelete();
  const [isSettling, setIsSettling] = useState(false);
  useEffect(() => {
    if (!isSettling) return;
    const timer = setTimeout(() => setIsSettling(false), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isSettling]);

  const removed = useRef(new Set<string>());
  const showRestored = useEffectEvent((cards: readonly Card[]) => {
    if (removed.current.size === 0) return;
    const restored = cards.find((card) => removed.current.has(card.id));
    if (!restored) return;
    removed.current.clear();
    onShow(restored.id);
  });
  useEffect(() => showRestored(items), [items]);

  return {
    isSettling,
    remove() {
      if (isSettling) return;
      deleteAll([id], title);
      if (!neighbour) return onClose();
      removed.current.add(id);
      setIsSettling(true);
      onShow(neighbour);
    },
  };
}
