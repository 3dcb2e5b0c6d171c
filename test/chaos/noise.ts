/** Small troubles all the while: none of them kills anything, and none of them may change how a generation ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { Random } from './random.js';
import type { Tally } from './tally.js';
import type { World } from './world.js';

const BROKEN = { do: 'answer', status: 500, type: 'text/html', body: '<h1>Bad gateway</h1>' } as const;

const TROUBLES: [string, (backend: Backend) => Promise<void>][] = [
  ['sockets dropped', (backend) => backend.tell('drop-sockets')],
  ['200 messages left out', (backend) => backend.at('message', 'omit', { times: 200 })],
  ['messages repeated', (backend) => backend.at('message', 'repeat', { times: 5 })],
  ['messages swapped', (backend) => backend.at('message', 'swap', { times: 5 })],
  ['connections reset', (backend) => backend.at('request', 'reset', { times: 2 })],
  ['answer to a prompt lost', (backend) => backend.at('prompt:after', 'reset')],
  ['prompt slow to be taken', (backend) => backend.at('prompt:before', { do: 'wait', ms: 300 })],
  ['picture cut in half', (backend) => backend.at('view:half', 'reset')],
  ['queue answered 500', (backend) => backend.at('queue', BROKEN, { times: 2 })],
  ['history answered 500', (backend) => backend.at('history', BROKEN, { times: 2 })],
];

export async function makeNoise(
  world: World,
  random: Random,
  tally: Tally,
  longestPauseMs: number,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const [name, trouble] = random.pick(TROUBLES);
    const backend = random.pick(world.backends);
    const pause = Math.min(random.between(500, 3_000), longestPauseMs);
    if (backend.url !== undefined) {
      // It may go away just now.
      const done = await trouble(backend).then(
        () => true,
        () => false,
      );
      if (done) tally.happened(`noise: ${name}`, [], 1, false);
    }
    await sleep(pause);
  }
}
