/** Scrolls to the list of the room: on a phone it is below the form, out of sight. */
import { type RefObject, useEffect, useEffectEvent } from 'react';
import { useHistoryState } from 'wouter/use-browser-location';

/** Of an address in the browser's history. */
type Place = { showsLive?: true; top?: number; link?: string } | null;

/** State of an address that opens the room at the list. */
export const SHOW_LIVE: Place = { showsLive: true };

/** How long the room may take to become as high as it was. */
const LAYOUT_MS = 1_000;

type ShowLive = {
  show(): void;
  /** Keeps the place in the list for the way back to it. */
  keepPlace(event: React.MouseEvent): void;
};

export function useShowLive(live: RefObject<HTMLElement | null>): ShowLive {
  const place = useHistoryState<Place>();
  const show = () => scrollTo(live.current);
  const arrive = useEffectEvent(() => {
    if (place?.showsLive) show();
    return place?.top === undefined ? undefined : restore(place.top, place.link);
  });
  useEffect(() => (place ? arrive() : undefined), [place]);
  return {
    show,
    keepPlace({ target }) {
      const link = (target as Element).closest('a[href^="#/"]')?.getAttribute('href');
      if (link) history.replaceState({ top: window.scrollY, link }, '');
    },
  };
}

/** Does nothing where the list begins in the upper half: a card that begins lower ends out of sight. */
function scrollTo(live: HTMLElement | null): void {
  if (!live || live.getBoundingClientRect().top < window.innerHeight / 2) return;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  live.scrollIntoView({ behavior: isCalm ? 'auto' : 'smooth' });
}

function restore(top: number, link = ''): () => void {
  document.querySelector<HTMLElement>(`h3 a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  const observer = new ResizeObserver(() => {
    window.scrollTo({ top, behavior: 'instant' });
    if (window.scrollY >= top - 1) observer.disconnect();
  });
  observer.observe(document.body);
  const timer = setTimeout(() => observer.disconnect(), LAYOUT_MS);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
  };
}
