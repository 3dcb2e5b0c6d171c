/** The two streams of live updates, as async iterators for subscriptions. */
import type { ChangeKind } from '../api/types.js';
import { isFinal } from '../status.js';
import { encodeChangeCursor, type Position } from './change-cursor.js';
import type { ResumePoint } from './changes.js';
import { LatestQueue } from './latest-queue.js';
import type { Snapshot, Updates } from './updates.js';

const PROGRESS_INTERVAL_MS = 500;
/** How many reported generations one watcher remembers. */
const MAX_REMEMBERED = 1_000;

/** All watchers receive the same snapshot: what is made of it is made once. */
const states = new WeakMap<Snapshot, string>();
const changes = new WeakMap<Snapshot, Map<string, Change>>();

/** The values whose change is reported. */
function stateOf(snapshot: Snapshot): string {
  const known = states.get(snapshot);
  if (known !== undefined) return known;
  const { revision, progressAt, queuePosition, waitReason } = snapshot;
  const state = JSON.stringify([revision, progressAt, queuePosition, waitReason]);
  states.set(snapshot, state);
  return state;
}

/** Yields the generation now and after each change; completes after a final status or a deletion. */
export function watchGeneration(
  updates: Pick<Updates, 'watchGeneration'>,
  id: string,
): LatestQueue<string, Snapshot, Snapshot> {
  let last = '';
  let revision = 0;
  const queue = new LatestQueue<string, Snapshot, Snapshot>(
    () => unwatch(),
    (snapshot) => snapshot,
  );
  const unwatch = updates.watchGeneration(id, (snapshot) => {
    if (snapshot.deletedAt !== null) return queue.end();
    const state = stateOf(snapshot);
    if (state === last || snapshot.revision < revision) return;
    last = state;
    revision = snapshot.revision;
    queue.offer(id, snapshot);
    if (isFinal(snapshot.status)) queue.end();
  });
  return queue;
}

/** `snapshot` is null for a GAP. */
export type Change = { kind: ChangeKind; snapshot: Snapshot | null; cursor: string };
/** A change that the client has not read: all changes up to `since` were reported before it. */
type UnreadChange = Omit<Change, 'cursor'> & { since: Position };

/** The same object for the same change, so that it is executed and serialised once for all watchers. */
function changeOf({ kind, snapshot }: UnreadChange, cursor: string): Change {
  if (!snapshot) return { kind, snapshot, cursor };
  const known = changes.get(snapshot) ?? new Map<string, Change>();
  changes.set(snapshot, known);
  const key = `${kind} ${cursor}`;
  const change = known.get(key) ?? { kind, snapshot, cursor };
  known.set(key, change);
  return change;
}

/** Yields the changes of a user's generations from now on, or since an earlier position. */
export function watchUser(
  updates: Pick<Updates, 'watchUser' | 'epoch'>,
  userId: string,
  resumePoint?: ResumePoint,
): AsyncIterableIterator<Change> {
  let position: Position = '';
  const reported = new Map<string, { state: string; revision: number; at: number }>();
  const delayed = new Map<string, NodeJS.Timeout>();
  const queue = new LatestQueue<string, UnreadChange, Change>(
    () => {
      unwatch();
      for (const timer of delayed.values()) clearTimeout(timer);
    },
    // The cursor's position precedes the oldest unread change, so that resuming loses none.
    (change, next) => changeOf(change, encodeChangeCursor({ epoch: updates.epoch, since: next?.since ?? position })),
    merge,
  );
  const offer = (key: string, kind: ChangeKind, snapshot: Snapshot | null) =>
    queue.offer(key, { kind, snapshot, since: position });

  const notify = (snapshot: Snapshot) => {
    const before = reported.get(snapshot.id);
    const state = snapshot.deletedAt === null ? stateOf(snapshot) : 'deleted';
    if (before && (before.state === state || before.state === 'deleted' || snapshot.revision < before.revision)) return;
    clearTimeout(delayed.get(snapshot.id));
    delayed.delete(snapshot.id);
    const wait = before?.revision === snapshot.revision ? before.at + PROGRESS_INTERVAL_MS - performance.now() : 0;
    if (wait > 0) {
      delayed.set(
        snapshot.id,
        setTimeout(() => notify(snapshot), wait),
      );
      return;
    }
    reported.delete(snapshot.id);
    reported.set(snapshot.id, { state, revision: snapshot.revision, at: performance.now() });
    for (const id of reported.keys()) if (reported.size > MAX_REMEMBERED) reported.delete(id);
    const kind = snapshot.deletedAt !== null ? 'DELETED' : !before && snapshot.isNew ? 'CREATED' : 'UPDATED';
    offer(snapshot.id, kind, snapshot);
  };

  const advance = (newer: Position) => {
    position = newer;
  };
  const unwatch = updates.watchUser(userId, { notify, advance }, resumePoint?.position, resumePoint?.active);
  if (resumePoint?.hasGap) offer('gap', 'GAP', null);
  return queue;
}

/** An unread creation stays CREATED, with the newer state and the older position. */
const merge = (unread: UnreadChange, newer: UnreadChange): UnreadChange => ({
  ...newer,
  kind: unread.kind === 'CREATED' && newer.kind === 'UPDATED' ? 'CREATED' : newer.kind,
  since: unread.since,
});
