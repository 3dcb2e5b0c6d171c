/**
 * What is open over a page (a dialog, a sheet, a mode) and the browser's history: Back closes the topmost layer, and nothing else.
 *
 * Each layer has an entry above that of its page, with the same address and key. `settle` makes the entries agree with what is open;
 * everything else only changes the one or the other.
 */

/** What Back asks a layer. @returns whether it closes */
type Layer = { back(): boolean };

/** The state of an entry, besides what rooms keep there. */
type Entry = {
  /** Of the page; its layers have the same. */
  key: number;
  /** How many layers are open there. */
  layers: number;
  /** Whether it is there only for the topmost of them. */
  isLayer?: boolean;
};

type Options = {
  replace?: boolean;
  /** For the room. */
  state?: unknown;
  /** Whether what is open stays open, and Back leads to it. */
  isOver?: boolean;
};

const open: Layer[] = [];
/** A step back that has begun. */
let isLeaving = false;
/** Writes that wait for its end. */
let waiting: (() => void)[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let lastKey = 0;
let last = { key: 0, href: '' };
let arrival: 'new' | 'back' = 'back';

/** @returns a function that closes it */
export function openLayer(layer: Layer): () => void {
  open.push(layer);
  settleSoon();
  return () => {
    const at = open.indexOf(layer);
    if (at !== -1) open.splice(at, 1);
    settleSoon();
  };
}

/** Opens an address. What is open is expected to close with its page: its entry becomes that of the new one. */
export function write(url: URL, options: Options): void {
  if (isLeaving) {
    waiting.push(() => write(url, options));
    return;
  }
  const { replace = false, state, isOver = false } = options;
  const now = entry();
  if (replace) history.replaceState(stateOf(state, now), '', url);
  else {
    const method = now.isLayer && !isOver ? 'replaceState' : 'pushState';
    history[method](stateOf(state, { key: newKey(), layers: isOver ? open.length : 0 }), '', url);
    arrival = 'new';
  }
  remember();
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** @returns the key of the page that the address shows, which differs for each visit */
export const pageKey = (): number => entry().key;

/** @returns whether the page was opened anew, or found again by Back, Forward or a reload */
export const arrivedBy = (): typeof arrival => arrival;

/** In the next task: a layer that another one replaces leaves it its entry. */
function settleSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(settle);
}

function settle(): void {
  if (isLeaving) return;
  const now = entry();
  if (now.layers > open.length && now.isLayer) {
    isLeaving = true;
    history.back();
  } else if (now.layers > open.length) history.replaceState({ ...history.state, layers: open.length }, '');
  else
    for (let layers = now.layers + 1; layers <= open.length; layers += 1)
      history.pushState({ key: now.key, layers, isLayer: true } satisfies Entry, '');
  remember();
}

function onPop(): void {
  const now = entry();
  // A layer changes the address of its page, as filters do.
  if (now.key === last.key && location.href !== last.href) history.replaceState(history.state, '', last.href);
  if (isLeaving) isLeaving = false;
  else {
    if (now.key !== last.key) arrival = 'back';
    while (open.length > now.layers && open.at(-1)?.back()) open.pop();
  }
  remember();
  const writes = waiting;
  waiting = [];
  for (const each of writes) each();
  settle();
}

/** The entry of now. Links that the browser follows itself make entries without a state. */
function entry(): Entry {
  const state = history.state as Partial<Entry> | null;
  if (state?.key === undefined) history.replaceState(stateOf(state, { key: newKey(), layers: 0 }), '');
  return history.state;
}

function stateOf(state: unknown, { key, layers, isLayer = false }: Entry): object {
  return { ...(state as object | null), key, layers, isLayer };
}

function newKey(): number {
  lastKey = Math.max(lastKey + 1, Date.now());
  return lastKey;
}

function remember(): void {
  last = { key: entry().key, href: location.href };
}

addEventListener('popstate', onPop);
// A reload closes what was open.
settleSoon();
