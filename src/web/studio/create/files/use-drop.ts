/** Files that are dropped on an element, or pasted while it has the focus. */
import { type RefObject, useEffect, useEffectEvent, useState } from 'react';

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;

/** The events do not reach the target of the whole page. @returns whether a file is held over the element */
export function useDrop(element: RefObject<HTMLElement | null>, onFile: (file: File | undefined) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const take = useEffectEvent(onFile);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const ending = new AbortController();
    const options = { signal: ending.signal };
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    target.addEventListener('dragover', over, options);
    target.addEventListener('dragleave', () => setIsOver(false), options);
    target.addEventListener(
      'drop',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer?.files[0]);
      },
      options,
    );
    target.addEventListener(
      'paste',
      (event) => {
        const [file] = event.clipboardData?.files ?? [];
        if (!file) return;
        event.preventDefault();
        take(file);
      },
      options,
    );
    return () => ending.abort();
  }, [element]);
  return isOver;
}
