/** Deals faults until there were enough kills: from a shuffled deck, so that each kind has its share whatever the seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Illnesses } from './illnesses.js';
import { makeNoise } from './noise.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import { Strikes } from './strikes.js';
import type { Tally } from './tally.js';
import type { World } from './world.js';

const DECK = [
  ...Array<'killAtPoint'>(7).fill('killAtPoint'),
  ...Array<'killServer'>(2).fill('killServer'),
  ...Array<'killBackend'>(2).fill('killBackend'),
  ...Array<'restartBackendAtPoint'>(2).fill('restartBackendAtPoint'),
  ...Array<'terminateServer'>(2).fill('terminateServer'),
];
/** Points that are never passed must not keep a run for ever. */
const MAX_MISSES_IN_A_ROW = 20;
/** Between two freezes, at the most. */
const LONG_PAUSE_MS = 5_000;

export async function dealFaults(
  world: World,
  random: Random,
  tally: Tally,
  options: ChaosOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let isOver = false;
  const strikes = new Strikes(world, random.fork(), tally);
  const noise = makeNoise(world, random.fork(), tally, options.pause, () => isOver);
  const illnesses = new Illnesses(world, random.fork(), tally, options.pause);
  const [freezes, steps, order] = [random.fork(), random.fork(), random.fork()];
  const ill = order.shuffled([
    ...Array<'failing'>(options.failing).fill('failing'),
    ...Array<'dead'>(options.dead).fill('dead'),
  ]);
  const others = Promise.all([
    nowAndThen(freezes, options.freezes, LONG_PAUSE_MS, () => strikes.freezeServer(freezes)),
    nowAndThen(steps, options.steps, options.pause, () => strikes.stepClock(steps, options.pause)),
    nowAndThen(order, ill.length, options.pause, (nth) => illnesses[ill[nth] ?? 'failing']()),
  ]);
  // It is awaited below; until then what it throws is not lost.
  others.catch(() => {});
  let deck: typeof DECK = [];
  let misses = 0;
  try {
    while (tally.kills < options.kills) {
      signal.throwIfAborted();
      if (deck.length === 0) deck = random.shuffled(DECK);
      const kind = deck.pop() ?? 'killServer';
      const pause = random.between(0, options.pause);
      const before = tally.kills;
      misses = (await strikes[kind]()) ? 0 : misses + 1;
      if (misses === MAX_MISSES_IN_A_ROW) throw new Error('Nothing happens any more: is any server at work?');
      if (Math.floor(before / 25) < Math.floor(tally.kills / 25)) say(`${tally.kills} kills`);
      await sleep(pause);
    }
    await others;
  } finally {
    isOver = true;
    await noise;
  }
}

/** One after the other, while the kills go on. */
async function nowAndThen(
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
