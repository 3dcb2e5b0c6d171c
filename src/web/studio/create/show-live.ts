/** Shows what has just been created: on a phone the list is below the form, out of sight. */
import { type RefObject, useEffect, useEffectEvent } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';

/** State of an address that opens the room at the list. */
export const SHOW_LIVE = { showsLive: true };

/** @returns a function that scrolls to the list */
export function useShowLive(live: RefObject<HTMLElement | null>): () => void {
  const state = useHistoryState<Partial<typeof SHOW_LIVE> | null>();
  const show = useEffectEvent(() => scrollTo(live.current));
  useEffect(() => {
    if (state?.showsLive) show();
  }, [state]);
  return () => scrollTo(live.current);
}

function scrollTo(live: HTMLElement | null): void {
  if (!live || live.getBoundingClientRect().top < window.innerHeight) return;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  live.scrollIntoView({ behavior: isCalm ? 'auto' : 'smooth' });
}
