/** Where the items of the list are shown: each stays where it is until the list settles. */
import { type Item, isCanceled } from './items';

export type Shown = {
  keys: readonly string[];
  /** Canceled ones that are shown in a row of their own. */
  folded: ReadonlySet<string>;
};

export const NOTHING: Shown = { keys: [], folded: new Set() };

/** Everything where it belongs. */
export const settled = (items: readonly Item[]): Shown => {
  const visible = items.filter(({ isHidden }) => !isHidden);
  return { keys: visible.map(({ key }) => key), folded: new Set(visible.filter(isCanceled).map(({ key }) => key)) };
};

/**
 * What is shown stays where it is, also what is about to be deleted. What is new goes behind its predecessor, or, while the user is busy
 * in the list, to the end: there it moves nothing. Who creates one by the form is not busy in the list any more.
 *
 * @returns `shown` if nothing changes
 */
export function place(shown: Shown, items: readonly Item[], isBusy: boolean): Shown {
  const all = new Set(items.map(({ key }) => key));
  const before = new Set(shown.keys);
  const fresh = items.filter(({ key, isHidden }) => !isHidden && !before.has(key));
  const kept = shown.keys.filter((key) => all.has(key));
  if (fresh.length === 0 && kept.length === before.size) return shown;
  const isFresh = new Set(fresh.map(({ key }) => key));
  const keys = [...kept];
  let predecessor: string | undefined;
  for (const { key, card, isHidden } of items) {
    const isLast = isBusy && card !== undefined;
    if (isFresh.has(key)) keys.splice(isLast ? keys.length : keys.indexOf(predecessor ?? '') + 1, 0, key);
    if (!isHidden) predecessor = key;
  }
  return { keys, folded: new Set([...shown.folded, ...fresh.filter(isCanceled).map(({ key }) => key)]) };
}

export function isSame(one: Shown, other: Shown): boolean {
  return (
    one.keys.length === other.keys.length &&
    one.keys.every((key, index) => key === other.keys[index]) &&
    [...other.folded].every((key) => one.folded.has(key))
  );
}
