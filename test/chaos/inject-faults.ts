/** Injects faults until the number of kills is reached. A shuffled deck gives each kind its share for every seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendOutages } from './backend-outages.js';
import type { Cluster } from './cluster.js';
import type { FaultCounts } from './fault-counts.js';
import { FaultInjector } from './fault-injector.js';
import { makeNoise } from './noise.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';

const DECK = [
  ...Array<'killAtPoint'>(7).fill('killAtPoint'),
  ...Array<'killServer'>(2).fill('killServer'),
  ...Array<'killBackend'>(2).fill('killBackend'),
  ...Array<'restartBackendAtPoint'>(2).fill('restartBackendAtPoint'),
  ...Array<'terminateServer'>(2).fill('terminateServer'),
];
/** Limits a run whose points are never reached. */
const MAX_MISSES_IN_A_ROW = 20;
/** Maximum pause between two freezes. */
const LONG_PAUSE_MS = 5_000;

export async function injectFaults(
  cluster: Cluster,
  random: Random,
  counts: FaultCounts,
  options: ChaosOptions,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let isOver = false;
  const injector = new FaultInjector(cluster, random.fork(), counts);
  const noise = makeNoise(cluster, random.fork(), counts, options.pause, () => isOver);
  const backendOutages = new BackendOutages(cluster, random.fork(), counts, options.pause);
  const [freezes, steps, order] = [random.fork(), random.fork(), random.fork()];
  const outages = order.shuffled([
    ...Array<'failing'>(options.failing).fill('failing'),
    ...Array<'dead'>(options.dead).fill('dead'),
  ]);
  const others = Promise.all([
    repeatWithPauses(freezes, options.freezes, LONG_PAUSE_MS, () => injector.freezeServer(freezes)),
    repeatWithPauses(steps, options.steps, options.pause, () => injector.stepClock(steps, options.pause)),
    repeatWithPauses(order, outages.length, options.pause, (nth) => backendOutages[outages[nth] ?? 'failing']()),
  ]);
  // Awaited below; this avoids an unhandled rejection until then.
  others.catch(() => {});
  let deck: typeof DECK = [];
  let misses = 0;
  try {
    while (counts.kills < options.kills) {
      signal.throwIfAborted();
      if (deck.length === 0) deck = random.shuffled(DECK);
      const kind = deck.pop() ?? 'killServer';
      const pause = random.between(0, options.pause);
      const before = counts.kills;
      misses = (await injector[kind]()) ? 0 : misses + 1;
      if (misses === MAX_MISSES_IN_A_ROW) throw new Error('No fault takes effect any more: is any server running?');
      if (Math.floor(before / 25) < Math.floor(counts.kills / 25)) log(`${counts.kills} kills`);
      await sleep(pause);
    }
    await others;
  } finally {
    isOver = true;
    await noise;
  }
}

/** Repeats an action with random pauses. */
async function repeatWithPauses(
  random: Random,
  times: number,
  longestPauseMs: number,
  strike: (nth: number) => Promise<void>,
): Promise<void> {
  for (let nth = 0; nth < times; nth += 1) {
    await sleep(random.between(longestPauseMs / 5, longestPauseMs));
    await strike(nth);
  }
}
