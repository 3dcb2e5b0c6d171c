/** The queue of a watcher: bounded, newest first to count, and nothing left behind when it is over. */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { LatestQueue } from '../../../src/generations/live/latest-queue.js';

const queue = () => {
  let ends = 0;
  const latest = new LatestQueue<string, number>(() => {
    ends += 1;
  });
  return { latest, ends: () => ends };
};

test('a newer value takes the place of one that nobody has fetched', async () => {
  const { latest } = queue();
  latest.offer('a', 1);
  latest.offer('b', 2);
  latest.offer('a', 3);
  expect(await latest.next()).toEqual({ done: false, value: 3 });
  expect(await latest.next()).toEqual({ done: false, value: 2 });
});

test('what waits at the end is delivered, then the reader is done; nothing is taken in any more', async () => {
  const { latest } = queue();
  latest.offer('a', 1);
  latest.end();
  latest.offer('b', 2);
  expect(await Array.fromAsync(latest)).toEqual([1]);
  expect(await latest.next()).toEqual({ done: true, value: undefined });
});

test('a reader that goes away while it waits is woken, and done', async () => {
  const { latest } = queue();
  const [first, second] = [latest.next(), latest.next()];
  await latest.return();
  expect(await Promise.all([first, second])).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test.each<[string, (latest: LatestQueue<string, number>) => unknown]>([
  ['ends by itself', (latest) => latest.end()],
  ['is left by its reader', (latest) => latest.return()],
  ['is both, twice', async (latest) => [latest.end(), latest.end(), await latest.return(), await latest.return()]],
])('whoever fed it is let go once when it %s', async (_, finish) => {
  const { latest, ends } = queue();
  latest.offer('a', 1);
  await finish(latest);
  expect(ends()).toBe(1);
});

test('a value that meets one that waits can be merged with it', async () => {
  const latest = new LatestQueue<string, string>(
    () => {},
    (waiting, newer) => waiting + newer,
  );
  latest.offer('a', 'x');
  latest.offer('a', 'y');
  expect(await latest.next()).toEqual({ done: false, value: 'xy' });
  latest.offer('a', 'z');
  expect(await latest.next()).toEqual({ done: false, value: 'z' });
});

test('however offers and reads come in turn, of each key the order is kept and the last value arrives', async () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('offer' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('read' as const) }),
    fc.record({ do: fc.constant('turn' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const latest = new LatestQueue<string, [string, number]>(() => {});
      const offered = new Map<string, number>();
      const got: [string, number][] = [];
      const reads: Promise<unknown>[] = [];
      const read = () => reads.push(latest.next().then(({ value }) => value && got.push(value)));
      for (const [index, act] of acts.entries()) {
        if (act.do === 'offer') {
          latest.offer(act.key, [act.key, index]);
          offered.set(act.key, index);
        } else if (act.do === 'read') read();
        else await delay(0);
      }
      latest.end();
      for (let rest = 0; rest <= offered.size; rest += 1) read();
      await Promise.all(reads);
      for (const key of ['a', 'b', 'c']) {
        const values = got.flatMap(([of, value]) => (of === key ? [value] : []));
        expect(values).toEqual(values.toSorted((a, b) => a - b));
        expect(values.at(-1)).toBe(offered.get(key));
      }
    }),
    { numRuns: 100 },
  );
});
