/**
 * Keeps the keyboard's place: when the focused element disappears, the focus goes to what has taken its place, or is nearest to it.
 * Dialogs return the focus themselves; this is for their openers that have gone, and for everything that live changes remove.
 */

/** Dialogs and rooms give the focus themselves within this time. */
const GRACE_MS = 60;
const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]';
const LAYER = '[role="dialog"], [role="alertdialog"]';

/** Where an element was. */
type Trail = {
  element: HTMLElement;
  /** Its place in each of its ancestors, the innermost first. */
  places: { parent: Element; index: number }[];
  /** That of the page. */
  heading: Element | null;
};

/** Of the last focused element in the page, and in each dialog over it, in the order of their use. */
const trails = new Map<Element, Trail>();

/**
 * For `finalFocus` of dialogs.
 *
 * @returns whether what had the focus before is still there. Otherwise the dialog would give the focus to something of long ago.
 */
export const hasOpener = (): boolean => trails.get(document.body)?.element.checkVisibility() ?? true;

/** @returns a function that ends it */
export function keepFocus(): () => void {
  const ending = new AbortController();
  const options = { signal: ending.signal, capture: true };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPointing = false;
  document.addEventListener('pointerdown', () => (isPointing = true), options);
  document.addEventListener('keydown', () => (isPointing = false), options);
  document.addEventListener('focusin', ({ target }) => target instanceof HTMLElement && remember(target), options);

  const observer = new MutationObserver((changes) => {
    const [layer, trail] = [...trails].at(-1) ?? [];
    if (document.activeElement !== document.body || !layer || !trail || !hasLost(trail.element, changes)) return;
    clearTimeout(timer);
    // Somebody who points may be elsewhere by now, and the page must not jump.
    if (isPointing) trails.delete(layer);
    else timer = setTimeout(restore, GRACE_MS);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    ending.abort();
  };
}

/** Also an element that moves in the document loses the focus. */
const hasLost = (element: HTMLElement, changes: MutationRecord[]): boolean =>
  !element.isConnected ||
  changes.some(({ removedNodes }) => [...removedNodes].some((removed) => removed.contains(element)));

function remember(element: HTMLElement): void {
  const layer = layerOf(element);
  for (const each of trails.keys()) if (each === layer || !each.isConnected) trails.delete(each);
  trails.set(layer, trailOf(element, layer));
}

function restore(): void {
  if (document.activeElement !== document.body) return;
  for (const [layer, trail] of [...trails].reverse()) {
    if (!layer.isConnected) trails.delete(layer);
    else if ([trail.element, ...nearest(trail), layer].some(take)) return;
  }
  takeHeading();
}

/** Gives the focus to an element. @returns whether it has the focus now */
function take(element: Element): boolean {
  if (element === document.body || !(element instanceof HTMLElement)) return false;
  element.focus();
  return document.activeElement === element;
}

/** @returns what could have the focus instead, the best first */
function nearest({ places, heading }: Trail): HTMLElement[] {
  const left = places.filter(({ parent }) => parent.isConnected && parent.closest(`main, ${LAYER}`));
  // Of another page nothing is near.
  if (left[0]?.parent.matches('main') && !heading?.isConnected) return [];
  return left.flatMap(({ parent, index }) => {
    const children = [...parent.children];
    return [...children.slice(index), ...children.slice(0, index).reverse()].flatMap(focusableIn);
  });
}

/** The next change tries again if the page has not loaded yet. */
function takeHeading(): void {
  const heading = headingOfPage();
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
}

const headingOfPage = (): HTMLElement | null => document.querySelector('main h1');
const layerOf = (element: Element): Element => element.closest(LAYER) ?? document.body;

function trailOf(element: HTMLElement, layer: Element): Trail {
  const places: Trail['places'] = [];
  let child: Element = element;
  while (child !== layer && child.parentElement) {
    const parent = child.parentElement;
    places.push({ parent, index: [...parent.children].indexOf(child) });
    child = parent;
  }
  return { element, places, heading: headingOfPage() };
}

function focusableIn(element: Element): HTMLElement[] {
  const inside = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const all = element instanceof HTMLElement && element.matches(FOCUSABLE) ? [element, ...inside] : inside;
  return all.filter(({ tabIndex }) => tabIndex >= 0);
}
