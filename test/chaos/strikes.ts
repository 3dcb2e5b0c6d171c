/** One fault of each kind, when its turn comes: what dies, and when. Each answers whether it happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '../../src/simulator/index.js';
import type { Backend } from './backend.js';
import { POINTS } from './points.js';
import type { Random } from './random.js';
import type { Slot } from './slot.js';
import type { Tally } from './tally.js';
import type { World } from './world.js';

/** For so long a point is waited for. */
const POINT_PATIENCE_MS = 6_000;
const SOMEBODY_PATIENCE_MS = 30_000;
/** A lease lasts 12 s: what is frozen for longer has lost its jobs. */
const FREEZE_MS = { least: 13_000, most: 17_000 };

export class Strikes {
  readonly #world: World;
  readonly #random: Random;
  readonly #tally: Tally;
  /** Each kind has a turn of its own: no point is passed over. */
  #killPoint = 0;
  #restartPoint = 0;

  constructor(world: World, random: Random, tally: Tally) {
    this.#world = world;
    this.#random = random;
    this.#tally = tally;
  }

  /** kill -9 of a server as a backend passes a point: mostly of one, whosever prompt it is; else of all. */
  async killAtPoint(): Promise<boolean> {
    const point = pointOf(this.#killPoint);
    const row = `kill -9 of a server at ${point}`;
    const all = this.#random.chance(0.3);
    const choice = this.#random.next();
    const backend = await this.#someBackend();
    const living = await this.#living();
    const victims = all ? living : [living[Math.floor(choice * living.length)] as Slot];
    const lives = victims.map(({ process }) => process);
    const touched = await this.#tally.unfinished();
    for (const { pid } of lives) await backend.at(point, { do: 'kill', pid });
    await this.#provoke(backend, point);
    const dead = new Set<number>();
    const deaths = lives.map(({ ended, pid }) => ended.then(() => void dead.add(pid)));
    await Promise.race([Promise.all(deaths), sleep(POINT_PATIENCE_MS)]);
    // What was meant for one that lives on, or has another number by now.
    await backend.heal();
    if (dead.size === 0) {
      this.#tally.missed(row);
      return false;
    }
    this.#killPoint += 1;
    this.#tally.happened(row, touched, dead.size);
    return true;
  }

  /** kill -9 of a server, whatever it is at: its start, too. */
  async killServer(): Promise<boolean> {
    const victim = this.#random.pick(this.#world.replicas.filter(({ isFrozen }) => !isFrozen));
    const { process } = victim;
    const touched = await this.#tally.unfinished();
    process.kill('SIGKILL');
    await process.ended;
    this.#tally.happened('kill -9 of a server at any moment', touched);
    return true;
  }

  /** A backend that is killed forgets its queue and its history, and keeps its files. */
  async killBackend(): Promise<boolean> {
    const victim = await this.#someBackend();
    const touched = await this.#tally.unfinished();
    victim.process.kill('SIGKILL');
    await victim.process.ended;
    this.#tally.happened('kill -9 of a backend at any moment', touched);
    return true;
  }

  async restartBackendAtPoint(): Promise<boolean> {
    const point = pointOf(this.#restartPoint);
    const row = `restart of a backend at ${point}`;
    const downMs = this.#random.between(0, 1_500);
    const backend = await this.#someBackend();
    const touched = await this.#tally.unfinished();
    const { end } = backend;
    await backend.at(point, { do: 'restart', downMs });
    await this.#provoke(backend, point);
    const isDown = () => backend.since(end).some(({ event }) => event === 'down');
    for (let waited = 0; waited < POINT_PATIENCE_MS && !isDown(); waited += 50) await sleep(50);
    await backend.heal();
    if (!isDown()) {
      this.#tally.missed(row);
      return false;
    }
    this.#restartPoint += 1;
    this.#tally.happened(row, touched);
    return true;
  }

  async terminateServer(): Promise<boolean> {
    const choice = this.#random.next();
    const living = await this.#living();
    const victim = living[Math.floor(choice * living.length)] as Slot;
    const touched = await this.#tally.unfinished();
    await victim.terminate();
    this.#tally.happened('SIGTERM of a server', touched);
    return true;
  }

  /** A server that stands still for longer than its leases last, and then goes on as if nothing had been. */
  async freezeServer(random: Random): Promise<void> {
    const ms = random.between(FREEZE_MS.least, FREEZE_MS.most);
    const choice = random.next();
    const living = await this.#living();
    const victim = living[Math.floor(choice * living.length)] as Slot;
    const touched = await this.#tally.unfinished();
    await victim.freeze(ms);
    this.#tally.happened('freeze of a server', touched, 1, false);
  }

  /** Sockets open only now and then by themselves. */
  async #provoke(backend: Backend, point: Point): Promise<void> {
    if (point === 'connect') await backend.tell('drop-sockets');
  }

  /** Servers that are at work: one at least. */
  async #living(): Promise<Slot[]> {
    return await some(() => this.#world.replicas.filter(({ isAtWork }) => isAtWork));
  }

  async #someBackend(): Promise<Backend> {
    const choice = this.#random.next();
    const backends = await some(() => this.#world.backends.filter(({ url }) => url !== undefined));
    return backends[Math.floor(choice * backends.length)] as Backend;
  }
}

const pointOf = (turn: number): Point => POINTS[turn % POINTS.length] as Point;

async function some<T>(look: () => T[]): Promise<T[]> {
  for (let waited = 0; waited < SOMEBODY_PATIENCE_MS; waited += 50) {
    const found = look();
    if (found.length > 0) return found;
    await sleep(50);
  }
  throw new Error('Nobody came up again');
}
