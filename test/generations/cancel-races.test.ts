/** Cancels that race with the end of what they cancel. */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { cancel, create, expectTrueEnd, finishes, follow, journalOf, queueOf, settles } from './support.js';

const RACES = 30;
const STEP_MS = 4;
/** Longer than it takes to make one. */
const LATEST_CANCEL_MS = 400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ simulator: { stepMs: STEP_MS } });
});
afterAll(() => app.close());

test('whichever was faster, each has one end, a result only where it is COMPLETED, and nothing is left behind', async () => {
  const alice = await signUp(app.url);
  const race = fc.record({
    steps: fc.integer({ min: 1, max: 20 }),
    cancelAfterMs: fc.integer({ min: 0, max: LATEST_CANCEL_MS }),
  });
  const ends: string[] = [];
  // One after the other: each is at work when its cancel comes, and not in the queue.
  for (const { steps, cancelAfterMs } of fc.sample(race, RACES)) {
    const { id } = await create(alice, { steps });
    const watching = follow(app, alice, id);
    await delay(cancelAfterMs);
    await cancel(alice, id);
    const end = await finishes(alice, id);
    await watching.ended;
    await settles(app, id);
    await expectTrueEnd(app, end);
    expect(['COMPLETED', 'CANCELED']).toContain(end.status);
    expect(watching.seen.filter(({ completedAt }) => completedAt !== null)).toEqual([end]);
    expect((await journalOf(app, id)).executed).toBeLessThanOrEqual(1);
    ends.push(end.status);
  }
  expect(ends).toHaveLength(RACES);
  expect(await queueOf(app.simulator)).toEqual({ running: [], pending: [] });
  expect(app.simulator.journal.globalInterrupts).toBe(0);
});
