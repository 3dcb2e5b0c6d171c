/** A short run of what `npm run chaos` does for longer. */
import { runChaos } from './run.js';
import { describe as describeOutcome } from './table.js';

test('a dozen kills at named points and at random break no promise', async () => {
  const outcome = await runChaos({ kills: 12, seed: 12, replicas: 2, backends: 2, freezes: 0, users: 2, pause: 1_000 });
  if (outcome.violations.length > 0) throw new Error(describeOutcome(outcome));
  expect(outcome.tally.kills).toBeGreaterThanOrEqual(12);
  expect(outcome.totals.completed).toBeGreaterThan(0);
}, 180_000);
