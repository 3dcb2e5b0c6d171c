/** The streams of live updates, notified in any order and read at any speed. */
import fc from 'fast-check';
import { decodeChangeCursor } from '../../../src/generations/live/change-cursor.js';
import type { Snapshot, Watcher } from '../../../src/generations/live/updates.js';
import type { UserWatcher } from '../../../src/generations/live/user-watchers.js';
import { type Change, watchGeneration, watchUser } from '../../../src/generations/live/watch.js';
import { GenerationStatus, isFinal } from '../../../src/generations/status.js';

const EPOCH = 'a0d9fba8-cd4b-4fe7-9a63-9a2a2ff2ac08';
const AT = '2026-01-01 00:00:00+00';

const snapshotOf = (given: Partial<Snapshot>): Snapshot => ({
  id: 'g',
  userId: 'u',
  status: GenerationStatus.PROCESSING,
  revision: 1,
  prompt: '',
  negativePrompt: '',
  workflowName: 'text-to-image',
  workflowVersion: 1,
  workflowId: null,
  modelId: null,
  seed: null,
  parameters: {},
  failure: null,
  attempt: 1,
  waiting: false,
  createdAt: AT,
  startedAt: null,
  completedAt: null,
  updatedAt: AT,
  deletedAt: null,
  progress: null,
  progressAt: null,
  expectedSeconds: null,
  retryOfId: null,
  previewNumber: null,
  queuePosition: null,
  waitReason: null,
  rank: 0,
  idempotencyKey: null,
  isFavorite: false,
  isNew: false,
  ...given,
});

/** A stand-in for `Updates`: the test notifies by hand. */
function createUpdates() {
  const watchers = new Set<Watcher>();
  const positions = new Set<UserWatcher['advance']>();
  const watch = (_: string, watcher: Watcher) => {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  };
  return {
    epoch: EPOCH,
    watchGeneration: watch,
    watchUser: (user: string, { notify, advance }: UserWatcher) => {
      positions.add(advance);
      advance('1:1:');
      return watch(user, notify);
    },
    advance: (position: string) => {
      for (const advance of positions) advance(position);
    },
    notify: (snapshot: Snapshot) => {
      for (const watcher of watchers) watcher(snapshot);
    },
    get count() {
      return watchers.size;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The states of one generation: revisions increase, with progress in between; the last may be final or deleted. */
const history = fc
  .record({
    steps: fc.array(fc.constantFrom('revision', 'progress', 'position', 'same'), { maxLength: 20 }),
    end: fc.constantFrom('open', 'final', 'deleted'),
  })
  .map(({ steps, end }) => {
    const states: Snapshot[] = [];
    let [revision, progress, position] = [1, 0, 9];
    for (const step of steps) {
      if (step === 'revision') revision += 1;
      if (step === 'progress') progress += 1;
      if (step === 'position') position -= 1;
      states.push(
        snapshotOf({ revision, queuePosition: position, progressAt: `${AT} ${String(progress).padStart(3, '0')}` }),
      );
    }
    if (end === 'final') states.push(snapshotOf({ revision: revision + 1, status: GenerationStatus.COMPLETED }));
    if (end === 'deleted') states.push(snapshotOf({ revision: revision + 1, deletedAt: AT }));
    return { states, end };
  });
/** For each state: how many reads the client begins, and which earlier state arrives late. */
const pace = fc.array(fc.record({ reads: fc.nat({ max: 2 }), repeats: fc.option(fc.nat({ max: 30 })) }), {
  minLength: 21,
  maxLength: 21,
});

/** What a slow database read may deliver after a newer one: an older revision, or the same state again. */
function latecomers(states: readonly Snapshot[], index: number, repeats: number | null): Snapshot[] {
  const [now, other] = [states[index], states[(repeats ?? 0) % (index + 1)]];
  if (repeats === null || !now || !other) return [];
  return other === now || other.revision < now.revision ? [other] : [];
}

test('watchGeneration: with late and repeated rows revisions never fall, the newest arrives, and a final status completes the stream', async () => {
  await fc.assert(
    fc.asyncProperty(history, pace, async ({ states, end }, paces) => {
      const updates = createUpdates();
      const queue = watchGeneration(updates, 'g');
      const got: Snapshot[] = [];
      let isDone = false;
      const read = () =>
        void queue.next().then(({ done, value }) => {
          if (done) isDone = true;
          else got.push(value);
        });
      for (const [index, state] of states.entries()) {
        const { reads, repeats } = paces[index] ?? { reads: 1, repeats: null };
        for (let count = 0; count < reads; count += 1) read();
        updates.notify(state);
        for (const late of latecomers(states, index, repeats)) updates.notify(late);
        if (reads > 0) await settled();
      }
      for (let count = 0; count < 3; count += 1) read();
      await settled();
      expect(got.map(({ revision }) => revision)).toEqual(
        got.map(({ revision }) => revision).toSorted((a, b) => a - b),
      );
      expect(new Set(got).size).toBe(got.length);
      expect(isDone).toBe(end !== 'open');
      expect(updates.count).toBe(end === 'open' ? 1 : 0);
      expect(got.some(({ deletedAt }) => deletedAt !== null)).toBe(false);
      const newest = states.findLast(({ deletedAt }) => deletedAt === null);
      if (newest && end !== 'deleted') expect(got.at(-1)?.revision).toBe(newest.revision);
      expect(got.filter(({ status }) => isFinal(status))).toHaveLength(end === 'final' ? 1 : 0);
      await queue.return();
      expect(updates.count).toBe(0);
    }),
    { numRuns: 150 },
  );
});

describe('watchUser', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function readAll(queue: AsyncIterator<Change>, got: Change[]): Promise<void> {
    for (let next = await queue.next(); !next.done; next = await queue.next()) got.push(next.value);
  }

  test('the revisions of each generation never fall, its newest state arrives, and nothing follows its deletion', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 1, maxLength: 3 }), pace, async (histories, paces) => {
        const updates = createUpdates();
        const queue = watchUser(updates, 'u');
        const got: Change[] = [];
        const reading = readAll(queue, got);
        for (const [index, { repeats }] of paces.entries()) {
          for (const [id, { states }] of histories.entries()) {
            const state = states[index];
            if (!state) continue;
            updates.notify({ ...state, id: String(id) });
            for (const late of latecomers(states, index, repeats)) updates.notify({ ...late, id: String(id) });
          }
          await settled();
        }
        await jest.advanceTimersByTimeAsync(1_000);
        await settled();
        await queue.return?.();
        await reading;
        expect(updates.count).toBe(0);
        for (const [id, { states, end }] of histories.entries()) {
          const changes = got.filter(({ snapshot }) => snapshot?.id === String(id));
          const revisions = changes.map(({ snapshot }) => snapshot?.revision ?? 0);
          expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
          expect(revisions.at(-1)).toBe(states.at(-1)?.revision);
          const newest = states.at(-1);
          if (!newest) continue;
          expect(changes.at(-1)?.snapshot).toMatchObject({
            progressAt: newest.progressAt,
            queuePosition: newest.queuePosition,
          });
          expect(changes.filter(({ kind }) => kind === 'DELETED')).toHaveLength(end === 'deleted' ? 1 : 0);
          if (end === 'deleted') expect(changes.at(-1)?.kind).toBe('DELETED');
        }
      }),
      { numRuns: 60 },
    );
  });

  test('progress is reported at most twice a second, a new revision at once', async () => {
    const updates = createUpdates();
    const queue = watchUser(updates, 'u');
    const got: Change[] = [];
    const reading = readAll(queue, got);
    for (let progress = 0; progress < 100; progress += 1) {
      updates.notify(snapshotOf({ progressAt: String(progress).padStart(3, '0') }));
      await jest.advanceTimersByTimeAsync(20);
    }
    // Over two seconds: one report at the start, and one per half second.
    expect(got.length).toBeGreaterThanOrEqual(4);
    expect(got.length).toBeLessThanOrEqual(5);
    updates.notify(snapshotOf({ revision: 2, status: GenerationStatus.COMPLETED }));
    await settled();
    expect(got.at(-1)?.snapshot?.revision).toBe(2);
    await queue.return?.();
    await reading;
  });

  test('a generation that is new since the position is CREATED or DELETED, an older one UPDATED', async () => {
    const updates = createUpdates();
    const queue = watchUser(updates, 'u');
    const got: Change[] = [];
    const reading = readAll(queue, got);
    updates.notify(snapshotOf({ id: 'old', revision: 1 }));
    updates.notify(snapshotOf({ id: 'new', revision: 4, isNew: true }));
    updates.notify(snapshotOf({ id: 'gone', revision: 1, isNew: true, deletedAt: AT }));
    await settled();
    expect(got.map(({ kind, snapshot }) => [snapshot?.id, kind])).toEqual([
      ['old', 'UPDATED'],
      ['new', 'CREATED'],
      ['gone', 'DELETED'],
    ]);
    await queue.return?.();
    await reading;
  });

  test('an unread creation stays CREATED, with the newer state', async () => {
    const updates = createUpdates();
    const queue = watchUser(updates, 'u');
    updates.notify(snapshotOf({ isNew: true }));
    updates.notify(snapshotOf({ revision: 2 }));
    expect(await queue.next()).toMatchObject({ value: { kind: 'CREATED', snapshot: { revision: 2 } } });
    await queue.return?.();
  });

  test('the cursor of a change is never later than an unread change', async () => {
    const updates = createUpdates();
    const queue = watchUser(updates, 'u');
    const cursorOf = async () => decodeChangeCursor((await queue.next()).value?.cursor ?? '').since;
    updates.notify(snapshotOf({ id: 'a' }));
    updates.notify(snapshotOf({ id: 'b' }));
    updates.advance('2:2:');
    updates.notify(snapshotOf({ id: 'c' }));
    // The newer state replaces the unread one and keeps its position.
    updates.notify(snapshotOf({ id: 'b', revision: 2 }));
    updates.advance('3:3:');
    expect([await cursorOf(), await cursorOf(), await cursorOf()]).toEqual(['1:1:', '2:2:', '3:3:']);
    await queue.return?.();
  });
});
