/**
 * Cancels that race with the end of the generation.
 *
 * @slow: tries many orders of events.
 */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import {
  cancel,
  create,
  expectTrueEnd,
  filesOf,
  finishes,
  follow,
  journalOf,
  QUICK,
  queueOf,
  settles,
} from '../support.js';

/** Each lane runs one generation at a time, so that it executes, and does not wait, when its cancel arrives. */
const LANES = 4;
const RACES_PER_LANE = 12;
const STEP_MS = 4;
/** Longer than a generation takes. */
const LATEST_CANCEL_MS = 250;

type Race = { steps: number; cancelAfterMs: number };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    simulator: Array.from({ length: LANES }, () => ({ stepMs: STEP_MS, previewSize: 64 })),
    timings: QUICK,
  });
});
afterAll(() => app.close());

/** @returns the final status */
async function runRace(client: Client, { steps, cancelAfterMs }: Race): Promise<string> {
  const { id } = await create(client, { steps });
  const watching = follow(app, client, id);
  await delay(cancelAfterMs);
  await cancel(client, id);
  const end = await finishes(client, id);
  await watching.ended;
  await settles(app, id);
  await expectTrueEnd(app, end);
  expect(['COMPLETED', 'CANCELED']).toContain(end.status);
  expect(watching.seen.filter(({ completedAt }) => completedAt !== null)).toEqual([end]);
  const { executed, succeeded } = await journalOf(app, id);
  expect(executed).toBeLessThanOrEqual(1);
  const isCompleted = end.status === 'COMPLETED';
  if (isCompleted) expect(succeeded).toBe(1);
  await until(
    async () => (await filesOf(app, id)).length === Number(isCompleted),
    'only the files of a COMPLETED generation to remain',
  );
  return end.status;
}

test('each generation has one end, a result only where it is COMPLETED, and leaves nothing behind', async () => {
  const race = fc.record({
    steps: fc.integer({ min: 1, max: 20 }),
    cancelAfterMs: fc.integer({ min: 0, max: LATEST_CANCEL_MS }),
  });
  const ends: string[] = [];
  const runLane = async () => {
    const client = await signUp(app.url);
    for (const each of fc.sample(race, RACES_PER_LANE)) ends.push(await runRace(client, each));
  };
  await Promise.all(Array.from({ length: LANES }, runLane));
  expect(ends).toHaveLength(LANES * RACES_PER_LANE);
  for (const simulator of app.simulators) {
    expect(await queueOf(simulator)).toEqual({ running: [], pending: [] });
    expect(simulator.journal.globalInterrupts).toBe(0);
  }
});
