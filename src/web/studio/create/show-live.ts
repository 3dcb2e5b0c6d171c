/** Scrolls to the list of the room: on a phone it is below the form, out of sight. */
import { type RefObject, useEffect, useEffectEvent } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';

/** Of an address in the browser's history. */
type Place = { showsLive?: true; link?: string } | null;

/** State of an address that opens the room at the list. */
export const SHOW_LIVE: Place = { showsLive: true };

type ShowLive = {
  show(): void;
  /** Keeps the link that is followed, for the way back to it. */
  keepPlace(event: React.MouseEvent): void;
};

export function useShowLive(live: RefObject<HTMLElement | null>): ShowLive {
  const place = useHistoryState<Place>();
  // When the card of what was just created is there.
  const show = () => requestAnimationFrame(() => scrollTo(live.current));
  const arrive = useEffectEvent(() => {
    const { showsLive, ...rest } = place ?? {};
    if (!showsLive) return;
    // Once: the same entry is there again after a dialog.
    history.replaceState(rest, '');
    show();
  });
  useEffect(() => {
    if (place) arrive();
  }, [place]);
  const comeBack = useEffectEvent(() => {
    const link = place?.link;
    if (link) document.querySelector<HTMLElement>(`h3 a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  });
  useEffect(() => comeBack(), []);
  return {
    show,
    keepPlace({ target }) {
      const link = (target as Element).closest('a[href^="#/"]')?.getAttribute('href');
      if (link) history.replaceState({ ...history.state, link }, '');
    },
  };
}

/** Brings the newest card into sight as a whole, and the start of the list where both fit. Does nothing if it is in sight. */
function scrollTo(live: HTMLElement | null): void {
  if (!live) return;
  const style = getComputedStyle(document.documentElement);
  const gap = Number.parseFloat(getComputedStyle(live).scrollMarginTop) || 0;
  const foot = Number.parseFloat(style.getPropertyValue('--foot')) || 0;
  const end = window.innerHeight - foot - gap;
  const { top } = live.getBoundingClientRect();
  // New ones are the last of the queue.
  const newest = [...live.querySelectorAll('[data-unfinished]')].at(-1) ?? live.querySelector('li');
  const card = newest?.getBoundingClientRect();
  const bottom = card?.bottom ?? top;
  if ((card?.top ?? top) >= 0 && bottom <= end) return;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  window.scrollBy({ top: Math.max(top - gap, bottom - end), behavior: isCalm ? 'auto' : 'smooth' });
}
