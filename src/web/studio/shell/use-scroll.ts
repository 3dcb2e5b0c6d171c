/** How far each page is scrolled: a new one is at its top, and Back, Forward and a reload lead to where the user was. */
import { useEffect, useLayoutEffect } from 'react';
import { arrivedBy, pageKey } from '../ui/layers/layers';
import { pageOf } from './hash-location';

/** Survives a reload in this tab. */
const KEPT = 'comfygraph:scroll';
const MAX_KEPT = 100;
/** How long a page may take to become as high as it was. */
const LAYOUT_MS = 1_000;
/** The gallery knows its place better: its list grows above. */
const OWN_PLACE = '/history';

/** By the key of the page. */
const tops = new Map<number, number>(JSON.parse(sessionStorage.getItem(KEPT) ?? '[]'));
history.scrollRestoration = 'manual';
addEventListener('pagehide', () => sessionStorage.setItem(KEPT, JSON.stringify([...tops].slice(-MAX_KEPT))));

/** @param shown the address of what is on the screen */
export function useScroll(shown: string): void {
  const page = pageOf(shown);
  useLayoutEffect(() => {
    if (page === OWN_PLACE) return undefined;
    const top = arrivedBy() === 'back' ? (tops.get(pageKey()) ?? 0) : 0;
    window.scrollTo({ top, behavior: 'instant' });
    return top > 0 ? restore(top) : undefined;
  }, [page]);
  useEffect(() => {
    const keep = () => {
      // The address may be one ahead of what is on the screen.
      if (pageOf(location.hash.slice(1)) === page) tops.set(pageKey(), window.scrollY);
    };
    window.addEventListener('scroll', keep, { passive: true });
    return () => window.removeEventListener('scroll', keep);
  }, [page]);
}

/** For a press of the link to the page that is shown already. */
export function scrollToTop(): void {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  window.scrollTo({ top: 0, behavior: isCalm ? 'auto' : 'smooth' });
}

/** As soon as the page is high enough, unless the user scrolls. */
function restore(top: number): () => void {
  const ending = new AbortController();
  const end = () => ending.abort();
  const observer = new ResizeObserver(() => {
    window.scrollTo({ top, behavior: 'instant' });
    if (window.scrollY >= top - 1) end();
  });
  ending.signal.addEventListener('abort', () => observer.disconnect());
  observer.observe(document.body);
  for (const type of ['wheel', 'touchmove', 'keydown'])
    window.addEventListener(type, end, { passive: true, signal: ending.signal });
  const timer = setTimeout(end, LAYOUT_MS);
  return () => {
    clearTimeout(timer);
    end();
  };
}
