import { useMemo, useSyncExternalStore } from 'react';
import { useApi } from '../../api/api-context';
import type { Api } from '../../api/client';
import { type Filter, formatFilter, toVariables } from '../filters/filter';
import { GalleryList, type Snapshot } from './gallery-list';

type Kept = {
  name: string;
  list: GalleryList;
  /** Where the user was: the first visible generation, and how many pixels of its row were above the window. */
  place?: { id: string; offset: number };
};
/** The last list of each user, so that it is as it was when the user comes back to the room. */
const kept = new WeakMap<Api, Kept>();

function keptOf(api: Api, filter: Filter): Kept {
  const name = formatFilter(filter);
  const last = kept.get(api);
  if (last?.name === name) return last;
  if (!last) {
    api.onGap(() => void kept.get(api)?.list.reread());
    api.onChange((change) => kept.get(api)?.list.apply(change));
  }
  const next = { name, list: new GalleryList(api.client, toVariables(filter)) };
  kept.set(api, next);
  return next;
}

export type Gallery = Snapshot & {
  loadMore(): void;
  /** Call it with the entries that are shown. */
  show(first: number, end: number): void;
  retry(): void;
  /** After an image could not be loaded. */
  refresh(): void;
  /** Outlives the component. */
  kept: Pick<Kept, 'place'>;
};

export function useGalleryList(filter: Filter): Gallery {
  const api = useApi();
  const kept = useMemo(() => keptOf(api, filter), [api, filter]);
  const { list } = kept;
  const snapshot = useSyncExternalStore(list.subscribe, list.get);
  const actions = useMemo(
    () => ({
      loadMore: () => list.loadMore(),
      show: (first: number, end: number) => list.show(first, end),
      retry: () => list.retry(),
      refresh: () => list.refresh(),
      kept,
    }),
    [list, kept],
  );
  return useMemo(() => ({ ...snapshot, ...actions }), [snapshot, actions]);
}
