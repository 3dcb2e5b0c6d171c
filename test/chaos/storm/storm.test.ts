/**
 * A short run of what `npm run storm` does for longer, on the disk and on S3.
 *
 * @slow: kills servers for a while.
 */
import type { TestTimings } from '../../support/timings.js';
import { DEFAULTS, STORAGES } from './options.js';
import { describe as describeOutcome } from './report.js';
import { runStorm } from './storm.js';

/** Shortens checks and retries. Timeouts that must not expire in a run are those of production. */
const OFTEN: TestTimings = {
  backendCheckIntervalMs: 200,
  sweepIntervalMs: 200,
  heartbeatIntervalMs: 500,
  promptRetryDelayMs: 200,
  cleanIntervalMs: 500,
  strayFileIntervalMs: 1_000,
  comfyui: { retryDelayMs: 50, maxRetryDelayMs: 500, recheckIntervalMs: 300, inFlightTimeoutMs: 1_000 },
};

test.each(STORAGES)(
  'on %s, creations, deletions, shares and kills leave no file without a row and no row without a file',
  async (storage) => {
    const outcome = await runStorm({ ...DEFAULTS, storage, acts: 60, seed: 7, backends: 1 }, { timings: OFTEN });
    if (outcome.violations.length > 0) throw new Error(describeOutcome(outcome));
    expect(outcome.strays.after).toBe(0);
    expect(outcome.blobs).toBeGreaterThan(0);
    expect([...outcome.acts.keys()].some((name) => name.startsWith('kill'))).toBe(true);
  },
);
