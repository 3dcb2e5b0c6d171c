/** The two streams of live updates, as iterators that a subscription reads. */
import { LatestQueue } from './latest.js';
import { isFinal } from './status.js';
import type { Seen, Updates } from './updates.js';

const PROGRESS_EVERY_MS = 500;
/** A change is stamped a little before it can be seen. */
const COMMIT_WITHIN_MS = 1_000;
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

export type Change = { kind: 'CREATED' | 'UPDATED' | 'DELETED'; seen: Seen };

/** What happens to someone's generations from now on. */
export function watchUser(updates: Pick<Updates, 'watchUser'>, userId: string): LatestQueue<string, Change> {
  const since = performance.now();
  const told = new Map<string, { state: string; revision: number; at: number }>();
  const late = new Map<string, NodeJS.Timeout>();
  const queue = new LatestQueue<string, Change>(() => {
    unwatch();
    for (const timer of late.values()) clearTimeout(timer);
  }, merge);

  const tell = (seen: Seen) => {
    const before = told.get(seen.id);
    const state = seen.deletedAt === null ? stateOf(seen) : 'deleted';
    if (before && (before.state === state || before.state === 'deleted' || seen.revision < before.revision)) return;
    // A look goes further back than this watcher has been there.
    if (!before && seen.unchangedMs > performance.now() - since + COMMIT_WITHIN_MS) return;
    clearTimeout(late.get(seen.id));
    late.delete(seen.id);
    const wait = before?.revision === seen.revision ? before.at + PROGRESS_EVERY_MS - Date.now() : 0;
    if (wait > 0) {
      late.set(
        seen.id,
        setTimeout(() => tell(seen), wait),
      );
      return;
    }
    told.delete(seen.id);
    told.set(seen.id, { state, revision: seen.revision, at: Date.now() });
    for (const id of told.keys()) if (told.size > MAX_REMEMBERED) told.delete(id);
    const isCreated = !before && (seen.isNew || seen.ageMs < performance.now() - since);
    const kind = seen.deletedAt !== null ? 'DELETED' : isCreated ? 'CREATED' : 'UPDATED';
    queue.offer(seen.id, { kind, seen });
  };

  const unwatch = updates.watchUser(userId, tell);
  return queue;
}

/** A creation that has not been fetched yet stays one, with the newer state. */
const merge = (waiting: Change, newer: Change): Change =>
  waiting.kind === 'CREATED' && newer.kind === 'UPDATED' ? { ...newer, kind: 'CREATED' } : newer;
