/** Small faults in the background: they kill no process and must not change how a generation ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { Cluster } from './cluster.js';
import type { FaultCounts } from './fault-counts.js';
import type { Random } from './random.js';

const BAD_GATEWAY = { do: 'answer', status: 500, type: 'text/html', body: '<h1>Bad gateway</h1>' } as const;

const NOISE: [string, (backend: Backend) => Promise<void>][] = [
  ['sockets dropped', (backend) => backend.control('drop-sockets')],
  ['200 messages left out', (backend) => backend.at('message', 'omit', { times: 200 })],
  ['messages repeated', (backend) => backend.at('message', 'repeat', { times: 5 })],
  ['messages swapped', (backend) => backend.at('message', 'swap', { times: 5 })],
  ['connections reset', (backend) => backend.at('request', 'reset', { times: 2 })],
  ['response to a prompt lost', (backend) => backend.at('prompt:after', 'reset')],
  ['prompt accepted slowly', (backend) => backend.at('prompt:before', { do: 'wait', ms: 300 })],
  ['picture cut in half', (backend) => backend.at('view:half', 'reset')],
  ['queue returned 500', (backend) => backend.at('queue', BAD_GATEWAY, { times: 2 })],
  ['history returned 500', (backend) => backend.at('history', BAD_GATEWAY, { times: 2 })],
];

export async function makeNoise(
  cluster: Cluster,
  random: Random,
  counts: FaultCounts,
  longestPauseMs: number,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const [name, act] = random.pick(NOISE);
    const backend = random.pick(cluster.backends);
    const pause = Math.min(random.between(500, 3_000), longestPauseMs);
    if (backend.url !== undefined) {
      // The backend may go down at this moment.
      const done = await act(backend).then(
        () => true,
        () => false,
      );
      if (done) counts.record(`noise: ${name}`, [], 1, false);
    }
    await sleep(pause);
  }
}
