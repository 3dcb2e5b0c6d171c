/** Backends that respond but do not work, one at a time, so that the others must take over. Each works again at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from './backend.js';
import { type Cluster, withBackend } from './cluster.js';
import type { FaultCounts } from './fault-counts.js';
import type { Random } from './random.js';

export class BackendOutages {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #counts: FaultCounts;
  readonly #pause: number;
  #deaths = 0;

  constructor(cluster: Cluster, random: Random, counts: FaultCounts, pause: number) {
    this.#cluster = cluster;
    this.#random = random;
    this.#counts = counts;
    this.#pause = pause;
  }

  /** Every prompt fails at once, as after a CUDA error that lasts until a reset. */
  async failing(): Promise<void> {
    const ms = this.#random.between(this.#pause, 4 * this.#pause);
    await this.#disable('backend fails at once', async (backend) => {
      await backend.fail();
      await sleep(ms);
      await backend.stopFailing();
    });
  }

  /** A foreign prompt ends the worker: the backend responds, but executes nothing until it is restarted. */
  async dead(): Promise<void> {
    const { silentBackendTimeoutMs, failoverTimeoutMs } = this.#cluster.timings;
    // Alternates between longer and shorter than the time until its jobs move to another backend.
    const noticedMs = this.#deaths % 2 === 0 ? silentBackendTimeoutMs + failoverTimeoutMs : 0;
    this.#deaths += 1;
    const ms = noticedMs + this.#random.between(this.#pause, 4 * this.#pause);
    await this.#disable('worker of a backend is dead', async (backend) => {
      await backend.killWorker();
      await sleep(ms);
      backend.process.kill('SIGKILL');
      await backend.process.ended;
    });
  }

  async #disable(row: string, disable: (backend: Backend) => Promise<void>): Promise<void> {
    await withBackend(this.#cluster, this.#random, async (backend) => {
      const touched = await this.#counts.unfinished();
      await disable(backend);
      this.#counts.record(row, touched, 1, false);
    });
  }
}
