/** Deletes the shown generation, and shows the next one in its place. */
import { useEffect, useRef, useState } from 'react';
import { useDelete } from '../../generation/acts/use-delete';

/** The button that deleted one generation is now over the next one: a second tap of the same finger must not delete that, too. */
const SETTLE_MS = 1_000;

type Shown = { id: string; neighbour: string | undefined; onShow(id: string): void; onClose(): void };

/** @returns a function that does nothing while `isSettling` */
export function useRemove({ id, neighbour, onShow, onClose }: Shown): { remove(): void; isSettling: boolean } {
  const deleteAll = useDelete();
  const [isSettling, setIsSettling] = useState(false);
  useEffect(() => {
    if (!isSettling) return;
    const timer = setTimeout(() => setIsSettling(false), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isSettling]);

  // After the viewer was closed, the gallery shows what is back.
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);

  return {
    isSettling,
    remove() {
      if (isSettling) return;
      deleteAll([id], () => isOpen.current && onShow(id));
      if (!neighbour) return onClose();
      setIsSettling(true);
      onShow(neighbour);
    },
  };
}
