/**
 * A short run of what `npm run chaos` does for longer.
 *
 * @slow: kills servers for a while.
 */
import type { TestTimings } from '../support/timings.js';
import { DEFAULTS } from './options.js';
import { runChaos } from './run.js';
import { describe as describeOutcome } from './table.js';

/** Shortens checks and retries. Timeouts that must not expire in a run are those of production. */
const OFTEN: TestTimings = {
  backendCheckIntervalMs: 200,
  sweepIntervalMs: 200,
  heartbeatIntervalMs: 500,
  promptRetryDelayMs: 200,
  silentBackendTimeoutMs: 2_000,
  failoverTimeoutMs: 1_000,
  probeIntervalMs: 200,
  maxProbeIntervalMs: 1_000,
  comfyui: { retryDelayMs: 50, maxRetryDelayMs: 500, recheckIntervalMs: 300, inFlightTimeoutMs: 1_000 },
};

test('kills, failing and unlike backends, and clock steps violate no promise', async () => {
  const outcome = await runChaos(
    { ...DEFAULTS, kills: 6, seed: 32, freezes: 0, users: 2, pause: 300 },
    { timings: OFTEN },
  );
  if (outcome.violations.length > 0) throw new Error(describeOutcome(outcome));
  expect(outcome.counts.kills).toBeGreaterThanOrEqual(6);
  expect(outcome.totals.completed).toBeGreaterThan(0);
});
