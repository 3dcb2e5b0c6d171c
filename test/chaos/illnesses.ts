/** Backends that answer and do not work, one at a time: the others have to do. Each is well again at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { Random } from './random.js';
import type { Tally } from './tally.js';
import { type World, withBackend } from './world.js';

export class Illnesses {
  readonly #world: World;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #pause: number;
  #deaths = 0;

  constructor(world: World, random: Random, tally: Tally, pause: number) {
    this.#world = world;
    this.#random = random;
    this.#tally = tally;
    this.#pause = pause;
  }

  /** Every prompt of it fails at once, as after a CUDA error that only time or a restart mends. */
  async failing(): Promise<void> {
    const ms = this.#random.between(this.#pause, 4 * this.#pause);
    await this.#fallIll('backend fails at once', async (backend) => {
      await backend.fail();
      await sleep(ms);
      await backend.stopFailing();
    });
  }

  /** A stranger's prompt ends its worker: it answers on, and executes nothing until it is started again. */
  async dead(): Promise<void> {
    const { silentBackendTimeoutMs, awayTimeoutMs } = this.#world.timings;
    // By turns for longer than until its jobs go elsewhere, and for less than until it is noticed.
    const noticedMs = this.#deaths % 2 === 0 ? silentBackendTimeoutMs + awayTimeoutMs : 0;
    this.#deaths += 1;
    const ms = noticedMs + this.#random.between(this.#pause, 4 * this.#pause);
    await this.#fallIll('worker of a backend is dead', async (backend) => {
      await backend.killWorker();
      await sleep(ms);
      backend.process.kill('SIGKILL');
      await backend.process.ended;
    });
  }

  async #fallIll(row: string, suffer: (backend: Backend) => Promise<void>): Promise<void> {
    await withBackend(this.#world, this.#random, async (backend) => {
      const touched = await this.#tally.unfinished();
      await suffer(backend);
      this.#tally.happened(row, touched, 1, false);
    });
  }
}
