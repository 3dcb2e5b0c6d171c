/** The two streams of live updates, as iterators that a subscription reads. */

import type { ChangeKind } from '../api/types.js';
import { isFinal } from '../status.js';
import { encodeChangeCursor, type Position } from './change-cursor.js';
import type { Resumed } from './changes.js';
import { LatestQueue } from './latest-queue.js';
import type { Seen, Updates } from './updates.js';

const PROGRESS_EVERY_MS = 500;
/** How many generations one watcher remembers having told of. */
const MAX_REMEMBERED = 1_000;

/** What tells one state of a generation from the next. */
const stateOf = (seen: Seen): string =>
  JSON.stringify([seen.revision, seen.progressAt, seen.queuePosition, seen.waitReason]);

/** The generation now, and after each change; done after its end, or when it is deleted. */
export function watchGeneration(updates: Pick<Updates, 'watchGeneration'>, id: string): LatestQueue<string, Seen> {
  let last = '';
  let revision = 0;
  const queue = new LatestQueue<string, Seen>(() => unwatch());
  const unwatch = updates.watchGeneration(id, (seen) => {
    if (seen.deletedAt !== null) return queue.end();
    const state = stateOf(seen);
    if (state === last || seen.revision < revision) return;
    last = state;
    revision = seen.revision;
    queue.offer(id, seen);
    if (isFinal(seen.status)) queue.end();
  });
  return queue;
}

/** `seen` is null for a GAP. */
export type Change = { kind: ChangeKind; seen: Seen | null; cursor: string };
/** A change that has not been fetched: everything up to `since` was told before it. */
type Waiting = Change & { since: Position };

/** What happens to someone's generations from now on, or since an earlier position. */
export function watchUser(
  updates: Pick<Updates, 'watchUser' | 'epoch'>,
  userId: string,
  resumed?: Resumed,
): AsyncIterableIterator<Change> {
  let position: Position = '';
  const told = new Map<string, { state: string; revision: number; at: number }>();
  const late = new Map<string, NodeJS.Timeout>();
  const queue = new LatestQueue<string, Waiting>(
    () => {
      unwatch();
      for (const timer of late.values()) clearTimeout(timer);
    },
    merge,
    // A cursor stands before the first change that is not fetched yet, so that none is lost.
    (change, next) => ({
      ...change,
      cursor: encodeChangeCursor({ epoch: updates.epoch, since: next?.since ?? position }),
    }),
  );
  const offer = (key: string, kind: ChangeKind, seen: Seen | null) =>
    queue.offer(key, { kind, seen, cursor: '', since: position });

  const tell = (seen: Seen) => {
    const before = told.get(seen.id);
    const state = seen.deletedAt === null ? stateOf(seen) : 'deleted';
    if (before && (before.state === state || before.state === 'deleted' || seen.revision < before.revision)) return;
    clearTimeout(late.get(seen.id));
    late.delete(seen.id);
    const wait = before?.revision === seen.revision ? before.at + PROGRESS_EVERY_MS - performance.now() : 0;
    if (wait > 0) {
      late.set(
        seen.id,
        setTimeout(() => tell(seen), wait),
      );
      return;
    }
    told.delete(seen.id);
    told.set(seen.id, { state, revision: seen.revision, at: performance.now() });
    for (const id of told.keys()) if (told.size > MAX_REMEMBERED) told.delete(id);
    const kind = seen.deletedAt !== null ? 'DELETED' : !before && seen.isNew ? 'CREATED' : 'UPDATED';
    offer(seen.id, kind, seen);
  };

  const passed = (newer: Position) => {
    position = newer;
  };
  const unwatch = updates.watchUser(userId, { tell, passed }, resumed?.position, resumed?.active);
  if (resumed?.hasGap) offer('gap', 'GAP', null);
  return queue;
}

/** A creation that has not been fetched yet stays one, with the newer state; and its place in the order stays. */
const merge = (waiting: Waiting, newer: Waiting): Waiting => ({
  ...newer,
  kind: waiting.kind === 'CREATED' && newer.kind === 'UPDATED' ? 'CREATED' : newer.kind,
  since: waiting.since,
});
