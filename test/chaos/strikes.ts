/** One fault of each kind, when its turn comes: what dies, and when. Each answers whether it happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '../../src/simulator/index.js';
import type { Backend } from './backend.js';
import { POINTS } from './points.js';
import type { Random } from './random.js';
import type { Slot } from './slot.js';
import type { Tally } from './tally.js';
import { some, type World, withBackend } from './world.js';

/** For so long a point is waited for. */
const POINT_PATIENCE_MS = 6_000;
/** A lease lasts 12 s: what is frozen for longer has lost its jobs. */
const FREEZE_MS = { least: 13_000, most: 17_000 };
const LONGEST_STEP_MS = 3_600_000;
const SHORTEST_STEP_MS = 60_000;

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
  killAtPoint(): Promise<boolean> {
    return withBackend(this.#world, this.#random, (backend) => this.#killAtPoint(backend));
  }

  async #killAtPoint(backend: Backend): Promise<boolean> {
    const point = pointOf(this.#killPoint);
    const row = `kill -9 of a server at ${point}`;
    const all = this.#random.chance(0.3);
    const choice = this.#random.next();
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
    const touched = await this.#tally.unfinished();
    await withBackend(this.#world, this.#random, async ({ process }) => {
      process.kill('SIGKILL');
      await process.ended;
    });
    this.#tally.happened('kill -9 of a backend at any moment', touched);
    return true;
  }

  restartBackendAtPoint(): Promise<boolean> {
    return withBackend(this.#world, this.#random, (backend) => this.#restartAtPoint(backend));
  }

  async #restartAtPoint(backend: Backend): Promise<boolean> {
    const point = pointOf(this.#restartPoint);
    const row = `restart of a backend at ${point}`;
    const downMs = this.#random.between(0, 1_500);
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

  /** A clock steps, and some time later back: of one server, of PostgreSQL, or of all, as on one machine. */
  async stepClock(random: Random, pause: number): Promise<void> {
    const { clocks, replicas } = this.#world;
    const whose = random.pick(['a server', 'PostgreSQL', 'all']);
    const direction = random.pick(['back', 'forward']);
    const offMs = random.between(SHORTEST_STEP_MS, LONGEST_STEP_MS) * (direction === 'back' ? -1 : 1);
    const ms = random.between(pause, 4 * pause);
    const one = random.pick(replicas);
    const set = async (by: number) => {
      const servers = whose === 'a server' ? [one] : whose === 'all' ? replicas : [];
      for (const { name } of servers) clocks.setServerClock(name, by);
      if (whose !== 'a server') await clocks.setDatabaseClock(by);
    };
    const touched = await this.#tally.unfinished();
    await set(offMs);
    await sleep(ms);
    await set(0);
    this.#tally.happened(`clock step ${direction} and return: ${whose}`, touched, 1, false);
  }

  /** Sockets open only now and then by themselves. */
  async #provoke(backend: Backend, point: Point): Promise<void> {
    if (point === 'connect') await backend.tell('drop-sockets');
  }

  /** Servers that are at work: one at least. */
  async #living(): Promise<Slot[]> {
    return await some(() => this.#world.replicas.filter(({ isAtWork }) => isAtWork));
  }
}

const pointOf = (turn: number): Point => POINTS[turn % POINTS.length] as Point;
