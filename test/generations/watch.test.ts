/** The streams that a subscription reads, fed in any order and read at any speed. */
import fc from 'fast-check';
import { decodeChangeCursor } from '../../src/generations/live/change-cursor.js';
import type { Seen, Watcher } from '../../src/generations/live/updates.js';
import type { UserWatcher } from '../../src/generations/live/user-watchers.js';
import { type Change, watchGeneration, watchUser } from '../../src/generations/live/watch.js';
import { GenerationStatus, isFinal } from '../../src/generations/status.js';

const EPOCH = 'a0d9fba8-cd4b-4fe7-9a63-9a2a2ff2ac08';
const AT = '2026-01-01 00:00:00+00';

const seenOf = (given: Partial<Seen>): Seen => ({
  id: 'g',
  userId: 'u',
  status: GenerationStatus.PROCESSING,
  revision: 1,
  prompt: '',
  negativePrompt: '',
  workflowName: 'text-to-image',
  workflowVersion: 1,
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
  isNew: false,
  ...given,
});

/** What reads rows and tells: here the test, by hand. */
function source() {
  const watchers = new Set<Watcher>();
  const passers = new Set<UserWatcher['passed']>();
  const watch = (_: string, watcher: Watcher) => {
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  };
  return {
    epoch: EPOCH,
    watchGeneration: watch,
    watchUser: (user: string, { tell, passed }: UserWatcher) => {
      passers.add(passed);
      passed('1:1:');
      return watch(user, tell);
    },
    passed: (position: string) => {
      for (const passed of passers) passed(position);
    },
    tell: (seen: Seen) => {
      for (const watcher of watchers) watcher(seen);
    },
    get count() {
      return watchers.size;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** States as rows have them: revisions rise, progress between two of them, the last one perhaps final or deleted. */
const story = fc
  .record({
    steps: fc.array(fc.constantFrom('revision', 'progress', 'place', 'same'), { maxLength: 20 }),
    end: fc.constantFrom('open', 'final', 'deleted'),
  })
  .map(({ steps, end }) => {
    const states: Seen[] = [];
    let [revision, progress, place] = [1, 0, 9];
    for (const step of steps) {
      if (step === 'revision') revision += 1;
      if (step === 'progress') progress += 1;
      if (step === 'place') place -= 1;
      states.push(seenOf({ revision, queuePosition: place, progressAt: `${AT} ${String(progress).padStart(3, '0')}` }));
    }
    if (end === 'final') states.push(seenOf({ revision: revision + 1, status: GenerationStatus.COMPLETED }));
    if (end === 'deleted') states.push(seenOf({ revision: revision + 1, deletedAt: AT }));
    return { states, end };
  });
/** Before each of them: how many reads are begun, and whether a row that was read earlier comes late. */
const pace = fc.array(fc.record({ reads: fc.nat({ max: 2 }), repeats: fc.option(fc.nat({ max: 30 })) }), {
  minLength: 21,
  maxLength: 21,
});

/** What a slower read may bring behind a newer one: an older revision, or the same once more. */
function latecomers(states: readonly Seen[], index: number, repeats: number | null): Seen[] {
  const [now, other] = [states[index], states[(repeats ?? 0) % (index + 1)]];
  if (repeats === null || !now || !other) return [];
  return other === now || other.revision < now.revision ? [other] : [];
}

test('one generation: whatever comes late or twice, revisions never fall, the newest arrives, and the end ends it', async () => {
  await fc.assert(
    fc.asyncProperty(story, pace, async ({ states, end }, paces) => {
      const updates = source();
      const queue = watchGeneration(updates, 'g');
      const got: Seen[] = [];
      let isDone = false;
      const read = () =>
        void queue.next().then(({ done, value }) => {
          if (done) isDone = true;
          else got.push(value);
        });
      for (const [index, state] of states.entries()) {
        const { reads, repeats } = paces[index] ?? { reads: 1, repeats: null };
        for (let count = 0; count < reads; count += 1) read();
        updates.tell(state);
        for (const late of latecomers(states, index, repeats)) updates.tell(late);
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

describe('all of somebody’s', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function readAll(queue: AsyncIterator<Change>, got: Change[]): Promise<void> {
    for (let next = await queue.next(); !next.done; next = await queue.next()) got.push(next.value);
  }

  test('of each generation revisions never fall, the newest arrives, and nothing after the deletion', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(story, { minLength: 1, maxLength: 3 }), pace, async (stories, paces) => {
        const updates = source();
        const queue = watchUser(updates, 'u');
        const got: Change[] = [];
        const reading = readAll(queue, got);
        for (const [index, { repeats }] of paces.entries()) {
          for (const [id, { states }] of stories.entries()) {
            const state = states[index];
            if (!state) continue;
            updates.tell({ ...state, id: String(id) });
            for (const late of latecomers(states, index, repeats)) updates.tell({ ...late, id: String(id) });
          }
          await settled();
        }
        await jest.advanceTimersByTimeAsync(1_000);
        await settled();
        await queue.return?.();
        await reading;
        expect(updates.count).toBe(0);
        for (const [id, { states, end }] of stories.entries()) {
          const changes = got.filter(({ seen }) => seen?.id === String(id));
          const revisions = changes.map(({ seen }) => seen?.revision ?? 0);
          expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
          expect(revisions.at(-1)).toBe(states.at(-1)?.revision);
          const newest = states.at(-1);
          if (!newest) continue;
          expect(changes.at(-1)?.seen).toMatchObject({
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

  test('progress is told twice a second, a change of revision at once', async () => {
    const updates = source();
    const queue = watchUser(updates, 'u');
    const got: Change[] = [];
    const reading = readAll(queue, got);
    for (let progress = 0; progress < 100; progress += 1) {
      updates.tell(seenOf({ progressAt: String(progress).padStart(3, '0') }));
      await jest.advanceTimersByTimeAsync(20);
    }
    // Two seconds: one at the beginning, and one for each half of a second.
    expect(got.length).toBeGreaterThanOrEqual(4);
    expect(got.length).toBeLessThanOrEqual(5);
    updates.tell(seenOf({ revision: 2, status: GenerationStatus.COMPLETED }));
    await settled();
    expect(got.at(-1)?.seen?.revision).toBe(2);
    await queue.return?.();
    await reading;
  });

  test('what is new since then is CREATED, whatever has become of it meanwhile, and what is older is UPDATED', async () => {
    const updates = source();
    const queue = watchUser(updates, 'u');
    const got: Change[] = [];
    const reading = readAll(queue, got);
    updates.tell(seenOf({ id: 'old', revision: 1 }));
    updates.tell(seenOf({ id: 'new', revision: 4, isNew: true }));
    updates.tell(seenOf({ id: 'gone', revision: 1, isNew: true, deletedAt: AT }));
    await settled();
    expect(got.map(({ kind, seen }) => [seen?.id, kind])).toEqual([
      ['old', 'UPDATED'],
      ['new', 'CREATED'],
      ['gone', 'DELETED'],
    ]);
    await queue.return?.();
    await reading;
  });

  test('a creation that the reader has not fetched yet stays one, with the newer state', async () => {
    const updates = source();
    const queue = watchUser(updates, 'u');
    updates.tell(seenOf({ isNew: true }));
    updates.tell(seenOf({ revision: 2 }));
    expect(await queue.next()).toMatchObject({ value: { kind: 'CREATED', seen: { revision: 2 } } });
    await queue.return?.();
  });

  test('the cursor of a change never stands behind one that the reader has not fetched', async () => {
    const updates = source();
    const queue = watchUser(updates, 'u');
    const cursorOf = async () => decodeChangeCursor((await queue.next()).value?.cursor ?? '').since;
    updates.tell(seenOf({ id: 'a' }));
    updates.tell(seenOf({ id: 'b' }));
    updates.passed('2:2:');
    updates.tell(seenOf({ id: 'c' }));
    // The newer state takes the place of the one that waits, and does not move behind others.
    updates.tell(seenOf({ id: 'b', revision: 2 }));
    updates.passed('3:3:');
    expect([await cursorOf(), await cursorOf(), await cursorOf()]).toEqual(['1:1:', '2:2:', '3:3:']);
    await queue.return?.();
  });
});
