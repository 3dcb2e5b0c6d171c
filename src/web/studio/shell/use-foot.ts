/** How much of the window is covered at its foot, as `--foot` of the page: by the banner, and on a phone by the links to the rooms. */
import { type RefObject, useLayoutEffect, useRef } from 'react';

const root = document.documentElement;

/** @returns the ref of the highest element at the foot, which is there also while it is empty */
export function useFoot(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    const frame = element?.parentElement;
    if (!element || !frame) return;
    const observer = new ResizeObserver(() => {
      const { top } = element.getBoundingClientRect();
      root.style.setProperty('--foot', `${Math.max(0, window.innerHeight - top)}px`);
      uncoverFocus(top);
    });
    observer.observe(element);
    observer.observe(frame);
    return () => {
      observer.disconnect();
      root.style.removeProperty('--foot');
    };
  }, []);
  return ref;
}

/** @param foot where the foot begins */
function uncoverFocus(foot: number): void {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return;
  const { top, bottom } = focused.getBoundingClientRect();
  if (top < window.innerHeight && bottom > foot) focused.scrollIntoView({ block: 'nearest' });
}
