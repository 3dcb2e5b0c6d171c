/** The queue of a subscription: bounded, newest value per key, and released once at its end. */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { LatestQueue } from '../../../src/generations/live/latest-queue.js';

const queue = () => {
  let ends = 0;
  const latest = new LatestQueue<string, number, number>(
    () => {
      ends += 1;
    },
    (value) => value,
  );
  return { latest, ends: () => ends };
};

test('a newer value replaces an unread one of the same key', async () => {
  const { latest } = queue();
  latest.offer('a', 1);
  latest.offer('b', 2);
  latest.offer('a', 3);
  expect(await latest.next()).toEqual({ done: false, value: 3 });
  expect(await latest.next()).toEqual({ done: false, value: 2 });
});

test('unread values are delivered after the end, then the reader completes, and later values are ignored', async () => {
  const { latest } = queue();
  latest.offer('a', 1);
  latest.end();
  latest.offer('b', 2);
  expect(await Array.fromAsync(latest)).toEqual([1]);
  expect(await latest.next()).toEqual({ done: true, value: undefined });
});

test('a pending read completes when the reader leaves', async () => {
  const { latest } = queue();
  const [first, second] = [latest.next(), latest.next()];
  await latest.return();
  expect(await Promise.all([first, second])).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test.each<[string, (latest: LatestQueue<string, number, number>) => unknown]>([
  ['ends', (latest) => latest.end()],
  ['is left by its reader', (latest) => latest.return()],
  [
    'ends and is left, twice',
    async (latest) => [latest.end(), latest.end(), await latest.return(), await latest.return()],
  ],
])('onEnd is called once when the queue %s', async (_, finish) => {
  const { latest, ends } = queue();
  latest.offer('a', 1);
  await finish(latest);
  expect(ends()).toBe(1);
});

test('merge combines an unread value with a newer one', async () => {
  const latest = new LatestQueue<string, string, string>(
    () => {},
    (value) => value,
    (unread, newer) => unread + newer,
  );
  latest.offer('a', 'x');
  latest.offer('a', 'y');
  expect(await latest.next()).toEqual({ done: false, value: 'xy' });
  latest.offer('a', 'z');
  expect(await latest.next()).toEqual({ done: false, value: 'z' });
});

test('with any sequence of offers and reads, the values of a key stay in order and its last value arrives', async () => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('offer' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('read' as const) }),
    fc.record({ do: fc.constant('turn' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const latest = new LatestQueue<string, [string, number], [string, number]>(
        () => {},
        (value) => value,
      );
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
